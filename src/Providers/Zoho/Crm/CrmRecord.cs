using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// A record as Zoho CRM shows it, of whatever module. Fields have the organisation's API names; what has no getter here is in
/// <see cref="Json"/>. A field that is absent, null or of another kind is null.
/// </summary>
public sealed class CrmRecord
{
    private CrmRecord(string id, JsonElement json) => (Id, Json) = (id, json);

    /// <summary>Digits.</summary>
    public string Id { get; }

    /// <summary>All that came, fields and what begins with <c>$</c>.</summary>
    public JsonElement Json { get; }

    /// <summary>When it was last changed, with the offset in which Zoho says it.</summary>
    public DateTimeOffset? ModifiedTime => Time("Modified_Time");

    public DateTimeOffset? CreatedTime => Time("Created_Time");

    public string? Text(string field) => Json.Value(field) switch
    {
        { ValueKind: JsonValueKind.String } value when value.GetString() is { Length: > 0 } text => text,
        { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
        _ => null,
    };

    public decimal? Number(string field) => Json.Value(field) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetDecimal(out var number) => number,
        _ => null,
    };

    public bool? Flag(string field) => Json.Value(field) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    public DateTimeOffset? Time(string field) => CrmTimes.Read(Text(field));

    public DateOnly? Date(string field) =>
        DateOnly.TryParseExact(Text(field), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>Another record or user that a field names; an id alone, as queries and bulk reads have it, has no name.</summary>
    public CrmLookup? Lookup(string field) => Json.Value(field) switch
    {
        { ValueKind: JsonValueKind.Object } value when Read(value) is { } named => new CrmLookup(named.Id, named.Text("name")),
        { ValueKind: JsonValueKind.String } value when CrmIds.IsId(value.GetString()) => new CrmLookup(value.GetString()!, null),
        _ => null,
    };

    /// <summary>The values of a list with several; none where it has none.</summary>
    public IReadOnlyList<string> Texts(string field) => Json.Value(field) is { ValueKind: JsonValueKind.Array } values
        ? [.. values.EnumerateArray().Where(one => one.ValueKind is JsonValueKind.String).Select(one => one.GetString()!)]
        : [];

    // not the record: nobody wants a person's data in a log
    public override string ToString() => $"record {Id}";

    /// <summary>Null where it has no id.</summary>
    internal static CrmRecord? Read(JsonElement json) => json.Value("id") switch
    {
        { ValueKind: JsonValueKind.String } id when CrmIds.IsId(id.GetString()) => new CrmRecord(id.GetString()!, json),
        { ValueKind: JsonValueKind.Number } id when CrmIds.IsId(id.GetRawText()) => new CrmRecord(id.GetRawText(), json),
        _ => null,
    };

    /// <summary>This record with the fields of <paramref name="part"/>, which is another look at the same one.</summary>
    internal CrmRecord With(CrmRecord part)
    {
        var joined = JsonObject.Create(Json)!;
        foreach (var field in part.Json.EnumerateObject())
        {
            joined[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        }

        return new CrmRecord(Id, JsonSerializer.SerializeToElement(joined));
    }
}

/// <summary>What a lookup field names.</summary>
/// <param name="Id">Digits.</param>
/// <param name="Name">As people know it; null where it did not come.</param>
public sealed record CrmLookup(string Id, string? Name);
