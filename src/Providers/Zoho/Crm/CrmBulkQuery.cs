using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What a bulk read brings: up to 200,000 records of one module for 50 credits. Not of notes, and in no order.</summary>
/// <param name="Module">By its API name.</param>
/// <param name="Fields">API names; a lookup's own is <c>Account_Name.Account_Name</c>. <c>id</c> always comes.</param>
public sealed record CrmBulkQuery(string Module, IReadOnlyList<string> Fields)
{
    private const int LongestUrl = 255;

    /// <summary>All records where it is null.</summary>
    public CrmBulkCriteria? Where { get; init; }

    /// <summary>
    /// Whom Zoho calls once the job has ended; null for nobody. Nothing in that call proves who makes it: ask for the job's state then.
    /// </summary>
    public Uri? Callback { get; init; }

    internal JsonObject ToBody()
    {
        CrmBounds.Check(Fields.Count, 1, int.MaxValue);
        var query = new JsonObject
        {
            ["module"] = new JsonObject { ["api_name"] = CrmNames.Checked(Module) },
            ["fields"] = new JsonArray([.. Fields.Select(field => (JsonNode)CrmNames.Checked(field))]),
        };
        if (Where is not null)
        {
            query["criteria"] = Where.Json.DeepClone();
        }

        var body = new JsonObject { ["query"] = query };
        if (Callback is not null)
        {
            CrmBounds.Check(Callback.AbsoluteUri.Length, 1, LongestUrl);
            body["callback"] = new JsonObject { ["url"] = Callback.AbsoluteUri, ["method"] = "post" };
        }

        return body;
    }
}

/// <summary>Conditions of a bulk read.</summary>
public sealed class CrmBulkCriteria
{
    private CrmBulkCriteria(JsonObject json) => Json = json;

    internal JsonObject Json { get; }

    /// <summary>The field has that value.</summary>
    public static CrmBulkCriteria Equal(string field, string value) => Compare(field, "equal", value);

    /// <summary>The time is after that one, to whole seconds.</summary>
    public static CrmBulkCriteria After(string field, DateTimeOffset time) => Compare(field, "greater_than", CrmTimes.Write(time));

    /// <summary>The time is within these two, both included.</summary>
    public static CrmBulkCriteria Between(string field, DateTimeOffset from, DateTimeOffset to) =>
        Compare(field, "between", new JsonArray(CrmTimes.Write(from), CrmTimes.Write(to)));

    /// <summary>All of them hold.</summary>
    public static CrmBulkCriteria All(params IReadOnlyList<CrmBulkCriteria> criteria) => new(new JsonObject
    {
        ["group"] = new JsonArray([.. criteria.Select(one => one.Json.DeepClone())]),
        ["group_operator"] = "and",
    });

    private static CrmBulkCriteria Compare(string field, string comparator, JsonNode value) => new(new JsonObject
    {
        ["field"] = new JsonObject { ["api_name"] = CrmNames.Checked(field) },
        ["comparator"] = comparator,
        ["value"] = value,
    });
}
