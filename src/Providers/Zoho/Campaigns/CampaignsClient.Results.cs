using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

public sealed partial class CampaignsClient
{
    /// <summary>
    /// Campaigns of the account in any state, as Zoho orders them, from <paramref name="fromIndex"/> (1 is the first) on; none where it has
    /// none yet.
    /// </summary>
    public async Task<Result<CampaignPage>> GetRecentCampaignsAsync(
        ProviderCall call, int fromIndex, int range, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(
            call, CampaignsMethods.RecentCampaigns, Form(("status", "all")), "recent_campaigns", ReadCampaign, fromIndex, range,
            cancellationToken);
        return page.Succeeded(out var read, out var failure) ? new CampaignPage(read.Items, read.Range, read.NextIndex) : failure;
    }

    /// <summary>
    /// What came of a campaign; <c>campaign_not_found</c> where Zoho does not know its key or it was not sent yet, <c>no_report</c> where
    /// there are no figures.
    /// </summary>
    public async Task<Result<CampaignReport>> GetReportAsync(
        ProviderCall call, string campaignKey, CancellationToken cancellationToken)
    {
        var form = Form(("campaignkey", campaignKey));
        if (!(await SendAsync(call, CampaignsMethods.Report, form, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Class is CampaignsCodeClass.Empty)
        {
            return CampaignsFailures.NoReport;
        }

        var data = answer.Envelope.Data;
        return data.Property("campaign-reports") is { ValueKind: JsonValueKind.Array } reports
            && reports.GetArrayLength() > 0
            && reports[0] is { ValueKind: JsonValueKind.Object } report
            ? new CampaignReport(
                report.Word("campaign_name"),
                report.Count("emails_sent_count"),
                report.Count("delivered_count"),
                report.Count("opens_count"),
                report.Count("unique_clicks_count"),
                report.Count("hardbounce_count"),
                report.Count("softbounce_count"),
                report.Count("unsub_count"),
                report.Count("spams_count"),
                report.Count("complaints_count"),
                report.Count("forwards_count"),
                report.Count("unsent_count"),
                // both spellings are Zoho's
                ReadLocations(data.Property("campaign-by-location") ?? data.Property("campaign-by-loaction")))
            : CampaignsFailures.BadAnswer;
    }

    /// <summary>
    /// Recipients of a campaign with whom this has happened, from <paramref name="fromIndex"/> (1 is the first) on, at most
    /// <paramref name="range"/> (1 to <see cref="LargestRange"/>).
    /// </summary>
    public async Task<Result<SubscriberPage>> GetRecipientsAsync(
        ProviderCall call, string campaignKey, RecipientAction action, int fromIndex, int range, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(
            call, CampaignsMethods.Recipients, Form(("campaignkey", campaignKey), ("action", NameOf(action))), "list_of_details",
            ReadSubscriber, fromIndex, range, cancellationToken);
        return page.Succeeded(out var read, out var failure) ? new SubscriberPage(read.Items, read.Range, read.NextIndex) : failure;
    }

    private static Campaign? ReadCampaign(JsonElement entry) => entry.Word("campaign_key") is { } key
        ? new Campaign(
            key, entry.Word("campaign_name") ?? key, entry.Word("campaign_status"), entry.Word("subject"), entry.Word("from_email"),
            entry.Time("created_time"), entry.Time("sent_time"))
        : null;

    // "{in=2, fr=1}", or an object
    private static FrozenDictionary<string, long> ReadLocations(JsonElement? locations)
    {
        IEnumerable<(string Name, string Count)> pairs = locations switch
        {
            { ValueKind: JsonValueKind.Object } json => json.EnumerateObject()
                .Select(property => (property.Name, property.Value.ToString())),
            { ValueKind: JsonValueKind.String } text => BetweenLocations.Split(text.GetString()!.Trim().Trim('{', '}'))
                .Select(pair => pair.Split('='))
                .Where(pair => pair.Length == 2)
                .Select(pair => (pair[0].Trim(), pair[1])),
            _ => [],
        };
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, text) in pairs)
        {
            if (name.Length > 0 && CampaignsValues.ReadCount(text) is { } count)
            {
                counts[name.ToLowerInvariant()] = count;
            }
        }

        return counts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // not the comma of "in=12,345"
    [GeneratedRegex(",(?=[^,=]+=)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BetweenLocations { get; }

    private static string NameOf(RecipientAction action) => action switch
    {
        RecipientAction.Sent => "sentcontacts",
        RecipientAction.Opened => "openedcontacts",
        RecipientAction.Clicked => "clickedcontacts",
        RecipientAction.Unopened => "unopenedcontacts",
        RecipientAction.Unsubscribed => "optoutcontacts",
        RecipientAction.Spam => "spamcontacts",
        RecipientAction.HardBounce => "senthardbounce",
        RecipientAction.SoftBounce => "sentsoftbounce",
        RecipientAction.Unsent => "unsentcontacts",
    };
}
