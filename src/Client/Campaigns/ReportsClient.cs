using System.Text.Json.Serialization;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Campaigns and their results as Zoho has them. What was read is kept for a while by the platform.</summary>
public sealed class ReportsClient
{
    private const string Path = "api/v1/campaigns/reports";

    private readonly GatewayCalls _calls;

    internal ReportsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Recent campaigns, newest first. Role needed: viewer.</summary>
    /// <param name="refresh">Asks Zoho now.</param>
    public IAsyncEnumerable<Campaign> ListAsync(bool refresh = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(Path, ("page_token", token), ("refresh", Paths.Refresh(refresh))),
            PlatformJson.Default.CampaignPage,
            cancellationToken),
        page => (page.Campaigns, page.NextPageToken));

    /// <summary>Role needed: viewer.</summary>
    /// <param name="key"><see cref="Campaign.Key"/>.</param>
    /// <param name="refresh">Asks Zoho now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<CampaignReport> GetAsync(
        string key, bool refresh = false, CancellationToken cancellationToken = default) => _calls.GetAsync(
        Paths.With($"{Path}/{Paths.Part(key)}", ("refresh", Paths.Refresh(refresh))),
        PlatformJson.Default.CampaignReport,
        cancellationToken);

    /// <summary>Who did what with a campaign. Role needed: viewer.</summary>
    /// <param name="key"><see cref="Campaign.Key"/>.</param>
    /// <param name="action">What they did, or what became of their mail.</param>
    /// <param name="refresh">Asks Zoho now.</param>
    public IAsyncEnumerable<Subscriber> RecipientsAsync(string key, RecipientAction action, bool refresh = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                $"{Path}/{Paths.Part(key)}/recipients",
                ("action", ApiName.Of(action)),
                ("page_size", "200"),
                ("page_token", token),
                ("refresh", Paths.Refresh(refresh))),
            PlatformJson.Default.RecipientPage,
            cancellationToken),
        page => (page.Recipients, page.NextPageToken));
}

/// <param name="Key">Asks for its report.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Status">In Zoho's words: Draft, Sent...</param>
/// <param name="Subject">Of its mail.</param>
/// <param name="FromEmail">Who sends it.</param>
/// <param name="CreatedAt">Null where Zoho does not say.</param>
/// <param name="SentAt">Null where it was not sent.</param>
public sealed record Campaign(
    string Key, string Name, string? Status, string? Subject, string? FromEmail, DateTimeOffset? CreatedAt, DateTimeOffset? SentAt);

/// <summary>
/// Counts of contacts, each once, as Zoho gives them. Rates are between 0 and 1 and made from the counts; null where there is nothing to
/// divide by.
/// </summary>
/// <param name="CampaignKey">Of the campaign.</param>
/// <param name="CampaignName">Of the campaign.</param>
/// <param name="Sent">To so many.</param>
/// <param name="Delivered">Of those sent.</param>
/// <param name="Opened">Of those delivered.</param>
/// <param name="Clicked">Of those delivered.</param>
/// <param name="HardBounces">Addresses that do not exist.</param>
/// <param name="SoftBounces">Mailboxes that did not take it then.</param>
/// <param name="Unsubscribed">By its link.</param>
/// <param name="SpamReports">By the recipients.</param>
/// <param name="Complaints">By the recipients' providers.</param>
/// <param name="Forwarded">To others.</param>
/// <param name="Unsent">Not sent at all.</param>
/// <param name="DeliveryRate">Delivered of sent.</param>
/// <param name="OpenRate">Opened of delivered.</param>
/// <param name="ClickRate">Clicked of delivered.</param>
/// <param name="ClickToOpenRate">Clicked of opened.</param>
/// <param name="BounceRate">Hard and soft bounces of sent.</param>
/// <param name="UnsubscribeRate">Unsubscribed of delivered.</param>
/// <param name="ByLocation">Contacts by country code in small letters, as far as Zoho knows it.</param>
/// <param name="ReadAt">When Zoho said so.</param>
public sealed record CampaignReport(
    string CampaignKey,
    string? CampaignName,
    long Sent,
    long Delivered,
    long Opened,
    long Clicked,
    long HardBounces,
    long SoftBounces,
    long Unsubscribed,
    long SpamReports,
    long Complaints,
    long Forwarded,
    long Unsent,
    double? DeliveryRate,
    double? OpenRate,
    double? ClickRate,
    double? ClickToOpenRate,
    double? BounceRate,
    double? UnsubscribeRate,
    IReadOnlyDictionary<string, long> ByLocation,
    DateTimeOffset? ReadAt)
{
    public IReadOnlyDictionary<string, long> ByLocation { get; init; } = ByLocation ?? new Dictionary<string, long>(StringComparer.Ordinal);
}

[JsonConverter(typeof(ApiNameConverter<RecipientAction>))]
public enum RecipientAction
{
    Unknown,
    Sent,
    Opened,
    Clicked,
    Unopened,
    Unsubscribed,
    Spam,
    HardBounce,
    SoftBounce,
    Unsent,
}

internal sealed record CampaignPage(IReadOnlyList<Campaign> Campaigns, string? NextPageToken);

internal sealed record RecipientPage(IReadOnlyList<Subscriber> Recipients, string? NextPageToken);
