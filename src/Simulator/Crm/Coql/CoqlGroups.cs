using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>Aggregates of a query: over all rows, or for each group.</summary>
internal static class CoqlGroups
{
    public static List<JsonObject> Rows(
        CrmOrganisation organisation, CrmModule module, CoqlQuery query, List<(CoqlColumn Column, CoqlField Field)> columns,
        Func<CrmRecord, bool> wanted)
    {
        if (columns.Find(column => column.Column.Aggregate is null
            && !query.GroupBy.Contains(column.Column.Name, StringComparer.Ordinal)) is
            { Column: { } alone })
        {
            throw CoqlErrors.Column(alone.Name, "the column is in no group");
        }

        var keys = query.GroupBy.Select(name => CoqlColumns.Find(organisation, module, name)).ToList();
        return [.. module.Records.Where(wanted)
            .GroupBy(record => string.Join('\n', keys.Select(key => CrmModule.KeyOf(key.Of(record)))), StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .Select(group => Row(organisation, columns, [.. group]))];
    }

    private static JsonObject Row(CrmOrganisation organisation, List<(CoqlColumn Column, CoqlField Field)> columns, List<CrmRecord> group)
    {
        var row = new JsonObject();
        foreach (var (column, field) in columns)
        {
            row[column.Key] = column.Aggregate is { } aggregate
                ? Aggregate(organisation, aggregate, column, field, group)
                : RecordJson.Value(organisation, field.Of(group[0]));
        }

        return row;
    }

    private static JsonNode? Aggregate(
        CrmOrganisation organisation, string aggregate, CoqlColumn column, CoqlField field, List<CrmRecord> group)
    {
        var values = group.Select(field.Of).Select(CrmComparison.Comparable).OfType<object>().ToList();
        if (aggregate is "COUNT")
        {
            return values.Count;
        }

        if (aggregate is "SUM" or "AVG" && field.Field.Type is not (FieldType.Integer or FieldType.Double or FieldType.Currency))
        {
            throw CoqlErrors.Operator(column.Name, aggregate);
        }

        var order = Comparer<object>.Create(CrmComparison.Compare);
        return values.Count == 0 ? null : aggregate switch
        {
            "SUM" => values.Sum(value => (decimal)value),
            "AVG" => values.Average(value => (decimal)value),
            "MIN" => RecordJson.Value(organisation, values.Min(order)),
            _ => RecordJson.Value(organisation, values.Max(order)),
        };
    }
}
