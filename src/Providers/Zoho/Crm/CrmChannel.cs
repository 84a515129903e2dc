using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A channel by which Zoho tells of changes (Zoho CRM, "Notifications").</summary>
/// <param name="Id">Ours: a whole number of up to 64 characters, which may be negative. The same one again replaces the channel.</param>
/// <param name="Events">1 to 50 of <c>Leads.create</c>, <c>Leads.edit</c>, <c>Leads.delete</c>, <c>Leads.all</c>; notes have none.</param>
/// <param name="NotifyUrl">A public https address of up to 255 characters.</param>
/// <param name="Token">Comes with every notification, so that the receiver knows it; up to 50 characters. A secret.</param>
/// <param name="ExpiresAt">
/// At most 7 days ahead. Zoho makes an hour of anything later without a word: what it took is in <see cref="CrmWatched.ExpiresAt"/>.
/// </param>
public sealed record CrmChannel(string Id, IReadOnlyList<string> Events, Uri NotifyUrl, string Token, DateTimeOffset ExpiresAt)
{
    private const int MostEvents = 50;
    private const int LongestId = 64;
    private const int LongestToken = 50;
    private const int LongestUrl = 255;

    // the token is a secret
    public override string ToString() => $"channel {Id}";

    internal JsonObject ToJson()
    {
        ThrowUnlessId(Id);
        CrmBounds.Check(Events.Count, 1, MostEvents);
        CrmBounds.Check(Token.Length, 1, LongestToken);
        CrmBounds.Check(NotifyUrl.AbsoluteUri.Length, 1, LongestUrl);
        return new JsonObject
        {
            ["channel_id"] = Id,
            ["events"] = new JsonArray([.. Events.Select(one => (JsonNode)one)]),
            ["channel_expiry"] = CrmTimes.Write(ExpiresAt),
            ["token"] = Token,
            ["notify_url"] = NotifyUrl.AbsoluteUri,
            // which records, and nothing of what they have
            ["return_affected_field_values"] = false,
            // else changes of an account come as changes of its contacts
            ["notify_on_related_action"] = false,
        };
    }

    internal static void ThrowUnlessId(string id)
    {
        if (id.Length > LongestId || !CrmIds.IsId(id.StartsWith('-') ? id[1..] : id))
        {
            throw new ArgumentException("The id of a channel is a whole number.", nameof(id));
        }
    }
}

/// <summary>What Zoho did with a channel.</summary>
/// <param name="Id">Which one.</param>
/// <param name="ExpiresAt">
/// When it ends, as Zoho took it: for several modules the earliest. Null where Zoho does not say. Less than a day ahead is a sign that it
/// did not take what was asked for.
/// </param>
/// <param name="Refusal">Why nothing was done; null where something was.</param>
public sealed record CrmWatched(string Id, DateTimeOffset? ExpiresAt, CrmRefusal? Refusal)
{
    internal static CrmWatched Read(JsonElement entry, CrmRequest asked, string id)
    {
        var code = CrmRefusal.CodeOf(entry) ?? "";
        return CrmCodes.Find(code, asked.Method, "").Class is CrmCodeClass.Done && entry.Text("status") != "error"
            ? new CrmWatched(
                id,
                (entry.Property("details") ?? default).Items("events").Select(one => CrmTimes.Read(one.Text("channel_expiry"))).Min(),
                null)
            : new CrmWatched(id, null, CrmRefusal.Read(entry, asked));
    }
}

/// <summary>A channel that exists, of one module.</summary>
/// <param name="Id">As whoever made it chose it.</param>
/// <param name="Module">Of which module it tells; null where Zoho does not say.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="NotifyUrl">Where it tells; null where Zoho does not say.</param>
/// <param name="Events">What it tells.</param>
public sealed record CrmWatch(string Id, string? Module, DateTimeOffset? ExpiresAt, string? NotifyUrl, IReadOnlyList<string> Events)
{
    internal static CrmWatch? Read(JsonElement entry) => entry.Text("channel_id") is { } id
        ? new CrmWatch(
            id, entry.Text("resource_name"), CrmTimes.Read(entry.Text("channel_expiry")), entry.Text("notify_url"),
            [.. entry.Items("events").Where(one => one.ValueKind is JsonValueKind.String).Select(one => one.GetString()!)])
        : null;
}
