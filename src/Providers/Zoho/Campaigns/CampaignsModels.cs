using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>What became of a contact that was subscribed.</summary>
public enum SubscribeOutcome
{
    /// <summary>It is in the list.</summary>
    Subscribed,

    /// <summary>It was sent a mail, and is in the list once it has confirmed: the list has a sign-up form.</summary>
    ConfirmationSent,

    /// <summary>Zoho said that the list held it already; its fields were updated.</summary>
    AlreadySubscribed,

    /// <summary>Zoho took it, and said in words that are not known which of the others it was: an account may have another language.</summary>
    Accepted,
}

/// <summary>It is so now.</summary>
/// <param name="Before">Zoho said that it was so before, too; it does not always say that.</param>
public sealed record CampaignsDone(bool Before);

/// <summary>A mailing list.</summary>
/// <param name="Key">What the API calls <c>listkey</c>.</param>
/// <param name="Name">As people see it.</param>
/// <param name="Contacts">How many active contacts it holds; null where Zoho does not say.</param>
/// <param name="Unsubscribed">How many have left it; null where Zoho does not say.</param>
/// <param name="Bounced">How many could not be reached; null where Zoho does not say.</param>
/// <param name="HasSignupForm">
/// Whoever is subscribed gets a mail first, and is on the list once it was confirmed (Zoho's <c>is_public</c>).
/// </param>
public sealed record MailingList(string Key, string Name, long? Contacts, long? Unsubscribed, long? Bounced, bool HasSignupForm);

/// <summary>A field that contacts have, built-in or custom.</summary>
/// <param name="DisplayName">What a contact's data is keyed by: <c>Contact Email</c>.</param>
/// <param name="Name">Zoho's own name: <c>contact_email</c>.</param>
/// <param name="IsMandatory">Whether a contact must have it.</param>
public sealed record ContactField(string DisplayName, string Name, bool IsMandatory);

/// <summary>How contacts stand to a list (Zoho Campaigns, "Get list subscribers", "Get list subscribers count").</summary>
public enum ListStatus
{
    Active,

    /// <summary>Active ones, those that came lately first. Zoho does not say how late that is; for listing only.</summary>
    Recent,

    /// <summary>The very last active ones; for listing only.</summary>
    MostRecent,

    /// <summary>They have left the list.</summary>
    Unsubscribed,

    /// <summary>Their mail came back.</summary>
    Bounced,

    /// <summary>They reported mail as spam. Zoho documents it for counting; where it does not list them it answers
    /// <c>request_not_understood</c>.</summary>
    Spam,
}

/// <summary>What became of the addresses of one bulk call; those in no set were added. All compare without case.</summary>
/// <param name="Existing">On the list already, in whatever status; nothing was changed about them.</param>
/// <param name="Ignored">Not taken: no address, a group's address, or on Do-Not-Mail.</param>
/// <param name="Unclear">Any of the three: Zoho names some whom it held or did not take, in a way that cannot be read.</param>
public sealed record BulkOutcome(IReadOnlySet<string> Existing, IReadOnlySet<string> Ignored, IReadOnlySet<string> Unclear);

/// <summary>
/// A contact of a list, or a recipient of a campaign. What Zoho leaves out is null; so is <c>AddedAt</c> where it writes another time than
/// in milliseconds.
/// </summary>
public sealed record ListSubscriber(
    string Email, string? FirstName, string? LastName, string? Company, string? Phone, DateTimeOffset? AddedAt);

/// <summary>One page of contacts.</summary>
/// <param name="Subscribers">In Zoho's order; entries without an address are left out.</param>
/// <param name="Range">
/// How many at once Zoho gives: what was asked for, or less where it refused that. Ask for the next page with it.
/// </param>
/// <param name="NextIndex">Where the next page begins; null at the end.</param>
public sealed record SubscriberPage(IReadOnlyList<ListSubscriber> Subscribers, int Range, int? NextIndex)
{
    /// <summary>
    /// Nothing comes after this page. A page that is shorter than asked for is not the end, because nobody knows the largest range that
    /// Zoho gives: only an empty one is.
    /// </summary>
    public bool End => NextIndex is null;
}

/// <summary>
/// A campaign as the list of recent ones shows it. The status is as Zoho says it (Draft, Sent...); what Zoho leaves out is null.
/// </summary>
public sealed record Campaign(
    string Key, string Name, string? Status, string? Subject, string? FromEmail, DateTimeOffset? CreatedAt, DateTimeOffset? SentAt);

/// <summary>One page of campaigns; <c>Range</c> and <c>NextIndex</c> as those of <see cref="SubscriberPage"/>.</summary>
public sealed record CampaignPage(IReadOnlyList<Campaign> Campaigns, int Range, int? NextIndex);

/// <summary>
/// What came of a campaign. Counts are Zoho's, null where it leaves one out or writes one that cannot be read; rates are made
/// from them, because Zoho's percentages are texts and its <c>clicksperopenrate</c> is not what people call a click rate. A rate is null
/// where there is nothing to divide by or a count is null, and 1 at most, also where more clicked than are known to have opened.
/// <c>Opened</c> and <c>Clicked</c> count each contact once; <c>ByLocation</c> is by country code in small letters, and empty where Zoho
/// says nothing of it.
/// </summary>
public sealed record CampaignReport(
    string? Name, long? Sent, long? Delivered, long? Opened, long? Clicked, long? HardBounces, long? SoftBounces, long? Unsubscribed,
    long? SpamReports, long? Complaints, long? Forwarded, long? Unsent, IReadOnlyDictionary<string, long> ByLocation)
{
    /// <summary>Of those it was sent to.</summary>
    public double? DeliveryRate => Rate(Delivered, Sent);

    /// <summary>Of those it was delivered to.</summary>
    public double? OpenRate => Rate(Opened, Delivered);

    /// <summary>Of those it was delivered to.</summary>
    public double? ClickRate => Rate(Clicked, Delivered);

    /// <summary>Of those that opened it: Zoho's <c>clicksperopenrate</c>.</summary>
    public double? ClickToOpenRate => Rate(Clicked, Opened);

    /// <summary>Hard and soft, of those it was sent to.</summary>
    public double? BounceRate => Rate(HardBounces + SoftBounces, Sent);

    /// <summary>Of those it was delivered to.</summary>
    public double? UnsubscribeRate => Rate(Unsubscribed, Delivered);

    private static double? Rate(long? part, long? whole) =>
        whole > 0 && part is { } some ? Math.Clamp((double)some / whole.Value, 0, 1) : null;
}

/// <summary>Which recipients of a campaign (Zoho Campaigns, "Get campaign recipients data").</summary>
public enum RecipientAction
{
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

/// <summary>What is used of one method's quota.</summary>
/// <param name="Method">As Zoho's pages call it: <c>listsubscribe</c>.</param>
/// <param name="State">Its windows and its lock.</param>
public sealed record CampaignsQuota(string Method, QuotaState State);
