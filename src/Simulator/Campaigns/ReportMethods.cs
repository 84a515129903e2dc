using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>
/// Campaigns and what came of them, every value a string. Zoho Campaigns, "Recent campaigns", "Recently sent campaigns",
/// "Campaign reports", "Last campaign report", "Get campaign recipients data", "Get campaign details".
/// </summary>
internal static class ReportMethods
{
    private const int MostSentCampaigns = 500;

    private static readonly Dictionary<string, CampaignStatus?> Statuses = new(StringComparer.Ordinal)
    {
        ["all"] = null,
        ["drafts"] = CampaignStatus.Draft,
        ["scheduled"] = CampaignStatus.Scheduled,
        ["sent"] = CampaignStatus.Sent,
    };

    // no campaign here is ever in one of these
    private static readonly HashSet<string> OtherStatuses =
        new(["inprogress", "stopped", "canceled", "tobereviewed", "reviewed", "paused", "intesting"], StringComparer.Ordinal);

    public static CampaignsAnswer Recent(CampaignsCall call)
    {
        if (!ListMethods.TryReadPage(call, out var from, out var range, out var refusal))
        {
            return refusal;
        }

        var asked = (call.Parameters["status"] ?? "all").Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (asked.Any(status => !Statuses.ContainsKey(status) && !OtherStatuses.Contains(status)))
        {
            return CampaignsAnswer.Error(call.Uri, "1001", "Pattern does not match.");
        }

        var wanted = asked.Where(Statuses.ContainsKey).Select(status => Statuses[status]).ToHashSet();
        var newestFirst = call.Parameters["sort"] is not "asc";
        var campaigns = newestFirst ? call.Account.Campaigns.Reverse() : call.Account.Campaigns;
        var found = campaigns
            .Where(campaign => wanted.Contains(null) || wanted.Contains(campaign.Status))
            .Skip(from - 1).Take(range).Select(campaign => Describe(call, campaign)).ToArray<JsonNode>();
        return found.Length == 0 ? NoCampaign(call) : new(
            new()
            {
                ["requestdetails"] = string.Create(
                    CultureInfo.InvariantCulture, $"{{range={range}, status={string.Join('|', asked)}, fromindex={from}}}"),
                ["status"] = "success",
                ["code"] = "0",
                ["recent_campaigns"] = new JsonArray(found),
                ["uri"] = call.Uri,
                ["version"] = "1",
            },
            "success");
    }

    public static CampaignsAnswer RecentlySent(CampaignsCall call)
    {
        if (!int.TryParse(call.Parameters["limit"], CultureInfo.InvariantCulture, out var limit) || limit < 1)
        {
            return CampaignsAnswer.Error(call.Uri, "1005", "Wrong data type.");
        }

        if (limit > MostSentCampaigns)
        {
            return CampaignsAnswer.Error(call.Uri, "6502", "Limit given is more than the maximum.");
        }

        var sent = call.Account.Campaigns.Reverse()
            .Where(campaign => campaign.Status is CampaignStatus.Sent)
            .Take(limit).Select(campaign => Describe(call, campaign)).ToArray<JsonNode>();
        return sent.Length == 0 ? NoCampaign(call) : new(
            new()
            {
                ["status"] = "success",
                ["code"] = "0",
                ["recent_sent_campaigns"] = new JsonArray(sent),
                ["uri"] = call.Uri,
                ["version"] = "1",
            },
            "success");
    }

    public static CampaignsAnswer Report(CampaignsCall call) =>
        FindSent(call) is { } campaign ? Report(call, campaign) : NotSent(call);

    public static CampaignsAnswer LastReport(CampaignsCall call) =>
        call.Account.Campaigns.LastOrDefault(campaign => campaign.Status is CampaignStatus.Sent) is { } campaign
            ? Report(call, campaign)
            : NoCampaign(call);

    public static CampaignsAnswer Recipients(CampaignsCall call)
    {
        if (!ListMethods.TryReadPage(call, out var from, out var range, out var refusal))
        {
            return refusal;
        }

        if (Enum.GetValues<RecipientAction>().Where(known => NameOf(known) == call.Parameters["action"]).ToArray() is not [var action])
        {
            return CampaignsAnswer.Error(call.Uri, "1001", "Pattern does not match.");
        }

        if (FindSent(call) is not { } campaign)
        {
            return NotSent(call);
        }

        var recipients = campaign.Recipients(action);
        var details = new JsonArray();
        for (var i = from - 1; i < recipients.Count && details.Count < range; i++)
        {
            details.Add(Describe(campaign, recipients[i]));
        }

        return details.Count == 0
            ? CampaignsAnswer.Error(call.Uri, "6501", "No contact found for this criteria.")
            : new(
                new()
                {
                    ["requestdetails"] = new JsonObject { ["range"] = range, ["action"] = NameOf(action), ["fromindex"] = from },
                    ["status"] = "success",
                    ["code"] = "0",
                    ["list_of_details"] = details,
                    ["uri"] = call.Uri,
                    ["version"] = "1",
                },
                "success");
    }

    public static CampaignsAnswer Details(CampaignsCall call) =>
        call.Account.FindCampaign(call.Parameters["campaignkey"]!) is not { } campaign
            ? CampaignsAnswer.Error(call.Uri, "6301", "Invalid campaign key.")
            : new(
                new()
                {
                    ["status"] = "success",
                    ["code"] = "0",
                    ["campaign-details"] = new JsonArray(Describe(call, campaign)),
                    ["uri"] = call.Uri,
                    ["version"] = "1",
                },
                "success");

    private static Campaign? FindSent(CampaignsCall call) =>
        call.Account.FindCampaign(call.Parameters["campaignkey"]!) is { Status: CampaignStatus.Sent } campaign ? campaign : null;

    private static CampaignsAnswer NotSent(CampaignsCall call) =>
        CampaignsAnswer.Error(call.Uri, "6002", "Invalid campaign key (or) campaign is not yet sent.");

    private static CampaignsAnswer NoCampaign(CampaignsCall call) => CampaignsAnswer.Error(call.Uri, "6101", "No campaign was sent.");

    private static CampaignsAnswer Report(CampaignsCall call, Campaign campaign)
    {
        var (sent, delivered) = (campaign.Count(RecipientAction.SentContacts), campaign.Delivered);
        var (opened, clicked) = (campaign.Count(RecipientAction.OpenedContacts), campaign.Count(RecipientAction.ClickedContacts));
        var (hard, soft) = (campaign.Count(RecipientAction.SentHardBounce), campaign.Count(RecipientAction.SentSoftBounce));
        var (left, spam) = (campaign.Count(RecipientAction.OptOutContacts), campaign.Count(RecipientAction.SpamContacts));
        var unsent = campaign.Count(RecipientAction.UnsentContacts);
        var report = new JsonObject
        {
            ["campaign_name"] = campaign.Name,
            ["emails_sent_count"] = Text(sent),
            ["delivered_count"] = Text(delivered),
            ["delivered_percent"] = Percent(delivered, sent),
            ["opens_count"] = Text(opened),
            ["open_percent"] = Percent(opened, delivered),
            ["unopened"] = Text(delivered - opened),
            ["unopened_percent"] = Percent(delivered - opened, delivered),
            ["unique_clicks_count"] = Text(clicked),
            ["unique_clicked_percent"] = Percent(clicked, delivered),
            ["clicksperopenrate"] = Percent(clicked, opened),
            ["bounces_count"] = Text(hard + soft),
            ["bounce_percent"] = Percent(hard + soft, sent),
            ["hardbounce_count"] = Text(hard),
            ["softbounce_count"] = Text(soft),
            ["unsub_count"] = Text(left),
            ["unsubscribe_percent"] = Percent(left, delivered),
            ["spams_count"] = Text(spam),
            ["spam_percent"] = Percent(spam, delivered),
            ["complaints_count"] = Text(campaign.Complaints),
            ["complaints_percent"] = Percent(campaign.Complaints, delivered),
            ["forwards_count"] = Text(campaign.Forwards),
            ["forward_percent"] = Percent(campaign.Forwards, delivered),
            ["autoreply_count"] = "0",
            ["unsent_count"] = Text(unsent),
            ["unsent_percent"] = Percent(unsent, sent + unsent),
        };
        return new(
            new()
            {
                ["status"] = "success",
                ["code"] = "0",
                ["campaign-reports"] = new JsonArray(report),
                ["campaign-reach"] = new JsonArray(new JsonObject
                {
                    ["total"] = Text(opened), ["emails"] = Text(opened), ["facebook"] = "0", ["twitter"] = "0", ["linkedin"] = "0", ["other"] = "0",
                }),
                ["campaign-by-loaction"] = opened == 0 ? "{}" : $"{{in={Text(opened)}}}",
                ["campaign-details"] = new JsonArray(Describe(call, campaign)),
                ["uri"] = call.Uri,
                ["version"] = "1",
            },
            "success");
    }

    private static JsonObject Describe(CampaignsCall call, Campaign campaign)
    {
        var created = campaign.CreatedAt;
        var described = new JsonObject
        {
            ["campaign_key"] = campaign.Key,
            ["campaign_name"] = campaign.Name,
            ["campaign_status"] = campaign.Status.ToString(),
            ["campaigntype"] = "Normal",
            ["subject"] = campaign.Subject,
            ["from_email"] = campaign.FromEmail,
            ["reply_to"] = campaign.FromEmail,
            ["created_time"] = Text(created.ToUnixTimeMilliseconds()),
            ["created_date_string"] = DateText(created),
            ["campaign_preview"] = "null",
            ["folder_id"] = "0",
            ["zuid"] = Text(call.User.Zuid),
        };
        if (campaign.Status is CampaignStatus.Sent)
        {
            described["sent_time"] = Text(created.ToUnixTimeMilliseconds());
            described["sent_date_string"] = DateText(created);
            described["sent_time_gmt"] = DateText(created);
            described["sent_time_zone"] = "GMT";
        }

        return described;
    }

    private static JsonObject Describe(Campaign campaign, Contact contact) => new()
    {
        ["contactemailaddress"] = contact.Email,
        ["contactstatus"] = "active",
        ["firstname"] = contact.Fields.GetValueOrDefault("First Name", "null"),
        ["lastname"] = contact.Fields.GetValueOrDefault("Last Name", "null"),
        ["companyname"] = contact.Fields.GetValueOrDefault("Company", "null"),
        ["phone"] = contact.Fields.GetValueOrDefault("Phone", "null"),
        ["sent_time"] = Text(campaign.CreatedAt.ToUnixTimeMilliseconds()),
        ["sentdate"] = DateText(campaign.CreatedAt),
        ["timezone"] = "null",
    };

    private static string NameOf(RecipientAction action) => action.ToString().ToLowerInvariant();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string DateText(DateTimeOffset time) => time.UtcDateTime.ToString("dd MMM yyyy, hh:mm tt", CultureInfo.InvariantCulture);

    private static string Percent(int part, int whole) =>
        (whole == 0 ? 0 : 100.0 * part / whole).ToString("0.0#", CultureInfo.InvariantCulture);
}
