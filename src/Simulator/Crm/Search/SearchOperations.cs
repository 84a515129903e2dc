using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Search;

/// <summary>
/// Search by criteria, address, number or word, from an index that lags behind: what was made a moment ago is not found, what was changed
/// is found by what it was. Zoho CRM "Search records".
/// </summary>
internal static partial class SearchOperations
{
    private const int MostPerPage = 200;
    private const int MostFound = 2000;

    private static readonly string[] Ways = ["criteria", "email", "phone", "word"];

    public static CrmAnswer Search(CrmCall call)
    {
        var module = call.Module;
        if (Ways.All(way => call[way] is null))
        {
            throw new CrmRefusal(new(
                call.Settings.SearchParameterMissingCode, "One of the expected parameter is missing",
                new() { ["param_names"] = new JsonArray([.. Ways.Select(way => (JsonNode)way)]) }));
        }

        var perPage = call.Number("per_page", MostPerPage, 1, MostPerPage);
        var page = call.Number("page", 1, 1, int.MaxValue);
        if ((long)page * perPage > MostFound)
        {
            throw new CrmRefusal(new("LIMIT_REACHED", "maximum response iteration limit reached", new() { ["limit"] = "2000" }));
        }

        var meets = Condition(call, module);
        var converted = ListOperations.Converted(call, module);
        var indexed = call.Now - call.Settings.IndexDelay;
        var found = module.Order("id").Reverse()
            .Select(place => module.Find(place.Id)!)
            .Where(converted)
            .Where(record => (record.ModifiedAt <= indexed ? record.Values : record.IndexedBefore) is { } values && meets(record, values))
            .Skip((page - 1) * perPage).Take(perPage + 1)
            .ToList();
        if (found.Count == 0)
        {
            return CrmAnswer.Nothing;
        }

        var fields = call["fields"] is null ? null : ListOperations.Fields(call);
        return CrmAnswer.Success(new JsonObject
        {
            ["data"] = new JsonArray([.. found.Take(perPage).Select(record => fields is null
                ? RecordJson.Whole(call.Organisation, module, record)
                : RecordJson.InList(call.Organisation, module, record, fields))]),
            ["info"] = new JsonObject
            {
                ["per_page"] = perPage,
                ["count"] = Math.Min(perPage, found.Count),
                ["page"] = page,
                ["more_records"] = found.Count > perPage,
            },
        });
    }

    private static Func<CrmRecord, object?[], bool> Condition(CrmCall call, CrmModule module)
    {
        if (call["criteria"] is { } criteria)
        {
            return SearchCriteria.Parse(module, call.Settings, criteria);
        }

        if (call["email"] is { } email)
        {
            return Any(module, FieldType.Email, value => call.Settings.SearchEmailPartial
                ? value.Contains(email, StringComparison.OrdinalIgnoreCase)
                : value.Equals(email, StringComparison.OrdinalIgnoreCase));
        }

        if (call["phone"] is { } phone)
        {
            if (phone.Length is < 3 or > 50 || !PhonePattern().IsMatch(phone))
            {
                throw new CrmRefusal(CrmError.Invalid("invalid data", new() { ["param_name"] = "phone" }));
            }

            var digits = Digits(phone);
            return Any(module, FieldType.Phone, value => Digits(value).Contains(digits, StringComparison.Ordinal));
        }

        var word = call["word"]!;
        if (word.Length is < 2 or > 100
            || word.Any(letter => !char.IsLetterOrDigit(letter) && letter is not (' ' or '@' or '.' or '-' or '_')))
        {
            throw new CrmRefusal(CrmError.Invalid("invalid data", new() { ["param_name"] = "word" }));
        }

        var searched = module.Fields.Where(field => field.IsText).ToList();
        return (record, values) => searched.Exists(field =>
            field.Of(record, values) is string text && text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static Func<CrmRecord, object?[], bool> Any(CrmModule module, FieldType type, Func<string, bool> meets)
    {
        var fields = module.Fields.Where(field => field.Type == type).ToList();
        return (record, values) => fields.Exists(field => field.Of(record, values) is string { Length: > 0 } text && meets(text));
    }

    private static string Digits(string text) => new([.. text.Where(char.IsAsciiDigit)]);

    [GeneratedRegex(@"^[+]?[0-9\s\-().]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PhonePattern();
}
