using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// What a lead becomes. Where no record is named Zoho looks for one itself: by e-mail address for the contact, by company for the account;
/// else it makes them. No deal is made where none is given.
/// </summary>
public sealed record CrmConversion
{
    /// <summary>The contact that it is joined with; null to have Zoho find or make one.</summary>
    public string? ContactId { get; init; }

    /// <summary>The account that it is joined with; null to have Zoho find or make one.</summary>
    public string? AccountId { get; init; }

    /// <summary>
    /// Fields of a new deal: <c>Deal_Name</c>, <c>Closing_Date</c>, <c>Stage</c>, and where the organisation has pipelines <c>Pipeline</c>.
    /// Null for none.
    /// </summary>
    public JsonObject? Deal { get; init; }

    /// <summary>Whether the lead's values go over those of the records that it is joined with.</summary>
    public bool Overwrites { get; init; }

    /// <summary>The user who owns what becomes of it; null for the lead's own.</summary>
    public string? OwnerId { get; init; }

    internal JsonObject ToBody()
    {
        // nobody is written to because a program has converted a lead
        var conversion = new JsonObject
        {
            ["overwrite"] = Overwrites,
            ["notify_lead_owner"] = false,
            ["notify_new_entity_owner"] = false,
        };
        Name(conversion, "Contacts", ContactId);
        Name(conversion, "Accounts", AccountId);
        Name(conversion, "assign_to", OwnerId);
        if (Deal is not null)
        {
            conversion["Deals"] = Deal.DeepClone();
        }

        return new JsonObject { ["data"] = new JsonArray(conversion) };
    }

    private static void Name(JsonObject conversion, string name, string? id)
    {
        if (id is not null)
        {
            conversion[name] = new JsonObject { ["id"] = CrmIds.Checked(id) };
        }
    }
}

/// <summary>What became of a lead.</summary>
/// <param name="ContactId">Null where it has none.</param>
/// <param name="AccountId">Null where it has none.</param>
/// <param name="DealId">Null where it has none.</param>
public sealed record CrmConvertedLead(string? ContactId, string? AccountId, string? DealId)
{
    /// <summary>Zoho does it later, as this job, and the ids are not known yet; null where it is done.</summary>
    public string? JobId { get; init; }

    // an object with its id, or the id alone; names in the plural, or not
    internal static CrmConvertedLead Read(JsonElement json, string contact, string account, string deal) =>
        new(Id(json, contact), Id(json, account), Id(json, deal));

    private static string? Id(JsonElement json, string name) => json.Value(name) switch
    {
        { ValueKind: JsonValueKind.String } id when CrmIds.IsId(id.GetString()) => id.GetString(),
        { ValueKind: JsonValueKind.Object } record => CrmRecord.Read(record)?.Id,
        _ => null,
    };
}
