using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>Why Zoho CRM did not do something: to one record of a batch, or to the whole call.</summary>
/// <param name="ZohoCode">As Zoho wrote it: <c>DUPLICATE_DATA</c>.</param>
/// <param name="Class">What follows from it.</param>
/// <param name="Failure">For people; names fields and never values.</param>
public sealed record CrmRefusal(string ZohoCode, CrmCodeClass Class, Failure Failure)
{
    private const int LongestName = 120;

    /// <summary>The API name of the field that is wrong; null where Zoho names none.</summary>
    public string? Field { get; init; }

    /// <summary>Of a duplicate: the record that is there already; null where Zoho does not name it.</summary>
    public string? ExistingId { get; init; }

    /// <summary>
    /// The module of <see cref="ExistingId"/>, which may be another one than was written to; null where Zoho does not say.
    /// </summary>
    public string? ExistingModule { get; init; }

    /// <summary>Whether there are more records than the one named.</summary>
    public bool HasMoreExisting { get; init; }

    /// <summary>Where Zoho found several things wrong with one record: the others.</summary>
    public IReadOnlyList<CrmRefusal> Further { get; init; } = [];

    /// <summary>A record of which nothing is known: its place in the answer is missing or unreadable.</summary>
    internal static CrmRefusal Unclear(Failure failure) => new("", failure.CrmClass, failure);

    /// <summary>Reads an error object, wherever in an answer it stands.</summary>
    internal static CrmRefusal Read(JsonElement error, CrmRequest asked)
    {
        var code = CodeOf(error) ?? "";
        var details = error.Property("details") ?? default;
        // each of them is a whole error, and the frame says nothing
        if (code == "MULTIPLE_OR_MULTI_ERRORS"
            && details.Property("errors") is { ValueKind: JsonValueKind.Array } several
            && several.GetArrayLength() > 0)
        {
            var all = several.EnumerateArray().Select(one => Read(one, asked)).ToList();
            return all[0] with { Further = [.. all.Skip(1)] };
        }

        var message = MessageOf(error);
        var found = IsGone(code, details, message) ? CrmCodes.RecordGone : CrmCodes.Find(code, asked.Method, message);
        var field = FieldOf(details);
        var failure = found == CrmCodes.ScopesMissing ? CrmFailures.ScopesMissing([.. asked.Scopes]) : found.ToFailure();
        return new CrmRefusal(code, found.Class, Named(failure, field, details))
        {
            Field = field,
            ExistingId = found.Class is CrmCodeClass.Duplicate ? Id(details.Property("duplicate_record")) ?? Id(details) : null,
            ExistingModule = details.Property("duplicate_record")?.Property("module")?.Text("api_name"),
            HasMoreExisting = details.Property("more_records") is { ValueKind: JsonValueKind.True },
        };
    }

    /// <summary>The code of an error object, from the older shape with a number, too; null where it has none.</summary>
    internal static string? CodeOf(JsonElement error) => error.Property("code") switch
    {
        { ValueKind: JsonValueKind.String } code => code.GetString(),
        { ValueKind: JsonValueKind.Number } number =>
            error.Text("error") ?? (number.GetRawText() == "429" ? "TOO_MANY_REQUESTS" : number.GetRawText()),
        _ => null,
    };

    internal static string MessageOf(JsonElement error) => error.Text("message") ?? error.Text("error_info") ?? "";

    // a deleted id is told as data that are wrong: by the place of the id in the path, or by the id. A field's own name means the field
    private static bool IsGone(string code, JsonElement details, string message) =>
        code == "INVALID_DATA"
        && (details.Number("resource_path_index") is 1
            || (details.Text("api_name") is null or "id" or "Parent_Id"
                && details.Number("resource_path_index") is null
                && (details.Text("id") is not null
                    || details.Text("api_name") is not null
                    || message.Contains("id given seems to be invalid", StringComparison.OrdinalIgnoreCase)
                    || message.Contains("record not deleted", StringComparison.OrdinalIgnoreCase))));

    private static string? FieldOf(JsonElement details) =>
        (details.Text("api_name") ?? details.Text("column_name") ?? details.Text("param_name") ?? details.Text("param")
            ?? details.Items("expected_fields").Select(one => one.Text("api_name")).FirstOrDefault()) is { } name && IsName(name) ? name : null;

    // what a provider writes is shown only where it has the shape of a name
    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '$' or '.');

    private static string? Id(JsonElement? holder) => holder?.Text("id") is { } id && CrmIds.IsId(id) ? id : null;

    private static Failure Named(Failure failure, string? field, JsonElement details)
    {
        if (field is null)
        {
            var permissions = details.Items("permissions")
                .Where(one => one.ValueKind is JsonValueKind.String)
                .Select(one => one.GetString()!)
                .Where(IsName)
                .ToList();
            return permissions.Count == 0
                ? failure
                : failure with { Message = $"{failure.Message} Zoho names {string.Join(", ", permissions)}." };
        }

        var longest = details.Number("maximum_length") is { } length
            ? string.Create(CultureInfo.InvariantCulture, $" It takes {length} characters at most.")
            : "";
        return failure with
        {
            Field = failure.Kind is FailureKind.Invalid ? field : null,
            Message = $"{failure.Message} The field is {field}.{longest}",
        };
    }
}
