using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What Zoho CRM did to one record of a call, in the order in which they were sent.</summary>
/// <param name="Id">Which record it is now; null where it was refused without an id.</param>
/// <param name="Action">What was done; null where nothing was.</param>
/// <param name="Refusal">Why nothing was done; null where something was.</param>
public sealed record CrmWritten(string? Id, CrmAction? Action, CrmRefusal? Refusal)
{
    /// <summary>When the record was last changed, by this call; null where Zoho does not say.</summary>
    public DateTimeOffset? ModifiedTime { get; init; }

    /// <summary>Of an upsert that changed a record: the field by which it was found.</summary>
    public string? DuplicateField { get; init; }

    /// <summary>
    /// What <paramref name="answer"/> says of <paramref name="count"/> records. An answer with more or fewer entries says of none of them
    /// what became of it.
    /// </summary>
    internal static CrmWritten[] Read(CrmAnswer answer, CrmRequest asked, string array, int count, CrmAction action)
    {
        var unclear = new CrmWritten(
            null, null, CrmRefusal.Unclear(asked.Method.Repeatable ? CrmFailures.BadAnswer : CrmFailures.OutcomeUnknown));
        return answer.Entries(array) is { } entries && entries.Count == count
            ? [.. entries.Select(entry => Read(entry, asked, action) ?? unclear)]
            : [.. Enumerable.Repeat(unclear, count)];
    }

    private static CrmWritten? Read(JsonElement entry, CrmRequest asked, CrmAction action)
    {
        var details = entry.Property("details") ?? default;
        var id = details.Text("id") is { } text && CrmIds.IsId(text) ? text : null;
        if (CrmRefusal.CodeOf(entry) is not { } code)
        {
            return null;
        }

        if (CrmCodes.Find(code, asked.Method, "").Class is not CrmCodeClass.Done || entry.Text("status") == "error")
        {
            return new CrmWritten(null, null, CrmRefusal.Read(entry, asked));
        }

        return id is null
            ? null
            : new CrmWritten(
                id,
                entry.Text("action") switch
                {
                    "insert" => CrmAction.Inserted,
                    "update" => CrmAction.Updated,
                    _ => action,
                },
                null)
            {
                ModifiedTime = CrmTimes.Read(details.Text("Modified_Time")),
                // beside the details, unlike everything else
                DuplicateField = entry.Text("duplicate_field"),
            };
    }
}

/// <summary>What was done to a record.</summary>
public enum CrmAction
{
    Inserted,
    Updated,
    Deleted,
}
