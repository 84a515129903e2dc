using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Coql;

namespace ZohoPlatform.Simulator.Crm.Bulk;

/// <summary>The criteria of a bulk read: comparisons of fields, in groups joined by <c>and</c> or <c>or</c>.</summary>
internal static class BulkCriteria
{
    private const string Empty = "${EMPTY}";
    private const int LongestValue = 255;
    private const int MostCriteria = 25;

    public static Func<CrmRecord, bool> Compile(CrmOrganisation organisation, CrmModule module, JsonNode? criteria)
    {
        var count = 0;
        return criteria is null ? _ => true : Compile(organisation, module, criteria, ref count);
    }

    private static Func<CrmRecord, bool> Compile(CrmOrganisation organisation, CrmModule module, JsonNode criteria, ref int count)
    {
        if (criteria is not JsonObject given)
        {
            throw Refused("INVALID_CRITERIA", []);
        }

        if (given["group"] is JsonArray { Count: > 0 } group)
        {
            var parts = new List<Func<CrmRecord, bool>>();
            foreach (var inner in group)
            {
                parts.Add(Compile(organisation, module, inner ?? throw Refused("INVALID_CRITERIA", []), ref count));
            }

            return given["group_operator"]?.ToString() switch
            {
                "and" => record => parts.TrueForAll(part => part(record)),
                "or" => record => parts.Exists(part => part(record)),
                _ => throw Refused("GROUP_OPERATOR_NOT_SUPPORTED", []),
            };
        }

        if (++count > MostCriteria)
        {
            throw Refused("CRITERIA_LIMIT_EXCEEDED", new() { ["limit"] = MostCriteria });
        }

        var name = (given["field"] as JsonObject)?["api_name"]?.ToString();
        if (name is null || module.FindField(name) is not { Type: not (FieldType.TextArea or FieldType.RichText) } field)
        {
            throw Refused("FIELD_IN_CRITERIA_NOT_AVAILABLE", new() { ["api_name"] = name });
        }

        return Comparison(CoqlColumns.Find(organisation, module, name), field, given["comparator"]?.ToString() ?? "", given["value"]);
    }

    private static Func<CrmRecord, bool> Comparison(CoqlField column, CrmField field, string comparator, JsonNode? value)
    {
        var texts = value is JsonArray many ? many.Select(one => one?.ToString() ?? "").ToList() : [value?.ToString() ?? ""];
        if (texts.Exists(text => text.Length > LongestValue))
        {
            throw Refused("VALUE_LIMIT_EXCEEDED_IN_CRITERIA", new() { ["api_name"] = field.ApiName });
        }

        if (texts is [Empty])
        {
            return comparator switch
            {
                "equal" => record => CrmComparison.Comparable(column.Of(record)) is null,
                "not_equal" => record => CrmComparison.Comparable(column.Of(record)) is not null,
                _ => throw Refused("COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", new() { ["api_name"] = field.ApiName }),
            };
        }

        if (comparator is "contains" or "not_contains" or "starts_with" or "ends_with"
            ? !field.IsText
            : field.IsText && comparator is "less_than" or "less_equal" or "greater_than" or "greater_equal" or "between" or "not_between")
        {
            throw Refused("FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE",
                new() { ["api_name"] = field.ApiName, ["comparator"] = comparator });
        }

        var literals = texts.Select(text => CrmComparison.Literal(field, text)
            ?? throw Refused("FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", new() { ["api_name"] = field.ApiName })).ToList();
        if (comparator is "between" or "not_between" ? literals.Count != 2 : comparator is not ("in" or "not_in") && literals.Count != 1)
        {
            throw Refused("COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", new() { ["api_name"] = field.ApiName });
        }

        var not = comparator.StartsWith("not_", StringComparison.Ordinal);
        Func<object, bool> meets = comparator switch
        {
            "equal" or "not_equal" or "in" or "not_in" => held => literals.Exists(literal => CrmComparison.Compare(held, literal) == 0),
            "less_than" => held => CrmComparison.Compare(held, literals[0]) < 0,
            "less_equal" => held => CrmComparison.Compare(held, literals[0]) <= 0,
            "greater_than" => held => CrmComparison.Compare(held, literals[0]) > 0,
            "greater_equal" => held => CrmComparison.Compare(held, literals[0]) >= 0,
            "contains" or "not_contains" => held => CrmComparison.Has(held, texts[0]),
            "starts_with" => held => CrmComparison.Has(held, texts[0], atStart: true),
            "ends_with" => held => CrmComparison.Has(held, texts[0], atEnd: true),
            "between" or "not_between" => held =>
                CrmComparison.Compare(held, literals[0]) >= 0 && CrmComparison.Compare(held, literals[1]) <= 0,
            _ => throw Refused("INVALID_CRITERIA", new() { ["comparator"] = comparator }),
        };
        return record => CrmComparison.Comparable(column.Of(record)) is { } held ? meets(held) != not : not;
    }

    private static CrmRefusal Refused(string code, JsonObject details) => new(new(code, "the criteria given seem to be invalid", details));
}
