using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>The refusals of a query, all at the root of the answer.</summary>
internal static class CoqlErrors
{
    public static CrmRefusal Syntax(CoqlToken near) => new(new("SYNTAX_ERROR", "error occurred while parsing the query", new()
    {
        ["line"] = near.Line,
        ["column"] = near.Column,
        ["near"] = near.Text,
    }));

    public static CrmRefusal Missing(string clause) => new(new("SYNTAX_ERROR", "missing clause", new() { ["clause"] = clause }));

    public static CrmRefusal Column(string name, string reason = "column given seems to be invalid") =>
        Query("column given seems to be invalid", new() { ["column_name"] = name, ["reason"] = reason });

    public static CrmRefusal Operator(string name, string given) =>
        Query("invalid query formed", new()
        {
            ["column_name"] = name,
            ["reason"] = "the operator is not supported by the data type",
            ["operator"] = given
        });

    public static CrmRefusal Value(string name) =>
        Query("value given seems to be invalid for the column", new() { ["column_name"] = name });

    public static CrmRefusal Limit(string clause, int limit) =>
        new(new("LIMIT_EXCEEDED", "the limit is exceeded", new() { ["limit"] = limit, ["clause"] = clause }));

    public static CrmRefusal Duplicate(string column) => new(new("DUPLICATE_DATA", "duplicate data", new() { ["column_name"] = column }));

    public static CrmRefusal Alias(string code, string alias, params string[] columns) =>
        new(new(code, "the alias given seems to be invalid", new()
        {
            ["alias"] = alias,
            ["referred_columns"] = new JsonArray([.. columns.Select(column => (JsonNode)column)]),
        }));

    public static CrmRefusal Data(JsonObject? details = null) => new(CrmError.Invalid("invalid data", details ?? []));

    private static CrmRefusal Query(string message, JsonObject details) => new(new("INVALID_QUERY", message, details));
}
