using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Campaigns;

/// <summary>A campaign at Zoho.</summary>
/// <param name="Key">Zoho's campaign key.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Status">As Zoho says it: Draft, Sent...</param>
/// <param name="Subject">Of the mail; what Zoho does not say is absent, here and below.</param>
/// <param name="FromEmail">Sender of the mail.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="SentAt">When it was sent.</param>
public sealed record Campaign(
    string Key, string Name, string? Status, string? Subject, string? FromEmail, DateTimeOffset? CreatedAt, DateTimeOffset? SentAt);

/// <summary>A page of campaigns.</summary>
/// <param name="Campaigns">In Zoho's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
public sealed record CampaignPage(IReadOnlyList<Campaign> Campaigns, string? NextPageToken, DateTimeOffset? ReadAt);

/// <summary>
/// What a campaign brought. Counts as Zoho gives them, absent where it gives none or one that cannot be read; rates between 0 and 1, absent where
/// there is nothing to divide by.
/// </summary>
/// <param name="CampaignKey">Zoho's campaign key.</param>
/// <param name="CampaignName">Its name.</param>
/// <param name="Sent">Mails sent.</param>
/// <param name="Delivered">Mails that arrived.</param>
/// <param name="Opened">Contacts that opened it, each once.</param>
/// <param name="Clicked">Contacts that clicked in it, each once.</param>
/// <param name="HardBounces">Came back for good.</param>
/// <param name="SoftBounces">Came back for now.</param>
/// <param name="Unsubscribed">Contacts that left because of it.</param>
/// <param name="SpamReports">Contacts that reported it as spam.</param>
/// <param name="Complaints">Contacts whose provider complained.</param>
/// <param name="Forwarded">How often it was passed on.</param>
/// <param name="Unsent">Mails that were not sent.</param>
/// <param name="DeliveryRate">delivered / sent.</param>
/// <param name="OpenRate">opened / delivered.</param>
/// <param name="ClickRate">clicked / delivered.</param>
/// <param name="ClickToOpenRate">clicked / opened.</param>
/// <param name="BounceRate">hard_bounces and soft_bounces / sent.</param>
/// <param name="UnsubscribeRate">unsubscribed / delivered.</param>
/// <param name="ByLocation">Contacts by country code in small letters, as far as Zoho knows it.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
public sealed record CampaignReport(
    string CampaignKey,
    string CampaignName,
    long? Sent,
    long? Delivered,
    long? Opened,
    long? Clicked,
    long? HardBounces,
    long? SoftBounces,
    long? Unsubscribed,
    long? SpamReports,
    long? Complaints,
    long? Forwarded,
    long? Unsent,
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

/// <summary>What a recipient did, or what became of their mail.</summary>
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

/// <summary>A page of a campaign's recipients.</summary>
/// <param name="Recipients">In Zoho's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="ReadAt">When Zoho was asked.</param>
public sealed record RecipientPage(IReadOnlyList<Subscriber> Recipients, string? NextPageToken, DateTimeOffset? ReadAt);
