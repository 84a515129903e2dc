using System.Text.Json.Serialization;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>
/// Mailing lists as Zoho has them. What was read is kept for a while by the platform; <c>ReadAt</c> says when it was read.
/// </summary>
public sealed class ListsClient
{
    /// <summary>In place of a key: the list of the settings.</summary>
    public const string Default = "default";

    private const string Path = "api/v1/campaigns/lists";

    private readonly GatewayCalls _calls;

    internal ListsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Role needed: viewer.</summary>
    /// <param name="refresh">Asks Zoho now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MailingLists> ListAsync(bool refresh = false, CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Paths.With(Path, ("refresh", Paths.Refresh(refresh))), PlatformJson.Default.MailingLists, cancellationToken);

    /// <summary>Role needed: operator.</summary>
    /// <param name="list">What to make.</param>
    /// <param name="idempotencyKey">1 to 200 visible ASCII characters; one of this call alone when null.</param>
    /// <param name="cancellationToken">Ends the wait; a list that was made already stays.</param>
    public Task<MailingList> CreateAsync(
        NewMailingList list, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            Path, list, PlatformJson.Default.NewMailingList, PlatformJson.Default.MailingList, idempotencyKey, cancellationToken);

    /// <summary>Who is on a list. Role needed: viewer.</summary>
    /// <param name="key">Of the list, or <see cref="Default"/>.</param>
    /// <param name="status">Active when null.</param>
    /// <param name="refresh">Asks Zoho now.</param>
    public IAsyncEnumerable<Subscriber> SubscribersAsync(
        string key, SubscriberStatus? status = null, bool refresh = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                $"{Path}/{Paths.Part(key)}/subscribers",
                ("status", status is { } wanted ? ApiName.Of(wanted) : null),
                ("page_size", "200"),
                ("page_token", token),
                ("refresh", Paths.Refresh(refresh))),
            PlatformJson.Default.SubscriberPage,
            cancellationToken),
        page => (page.Subscribers, page.NextPageToken));

    /// <summary>Takes an address off a list; one that is off already is a success. Role needed: operator.</summary>
    public Task UnsubscribeAsync(string key, string email, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(key)}/unsubscribe", new Address(email), PlatformJson.Default.Address, idempotencyKey: null, cancellationToken);
}

/// <param name="Lists">All of the account.</param>
/// <param name="ReadAt">When Zoho said so.</param>
public sealed record MailingLists(IReadOnlyList<MailingList> Lists, DateTimeOffset? ReadAt)
{
    public IReadOnlyList<MailingList> Lists { get; init; } = Lists ?? [];
}

/// <summary>Counts are null where Zoho does not give them.</summary>
/// <param name="Key">Names it to Zoho: the settings' campaigns_list_key.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Contacts">Active ones.</param>
/// <param name="Unsubscribed">Those that left.</param>
/// <param name="Bounced">Those that cannot be reached.</param>
public sealed record MailingList(string Key, string Name, long? Contacts, long? Unsubscribed, long? Bounced);

/// <summary>A list to make.</summary>
/// <param name="Name">As people will know it.</param>
/// <param name="Emails">Zoho makes no list without contacts: 1 to 10 addresses.</param>
public sealed record NewMailingList(string Name, IReadOnlyList<string> Emails)
{
    public string? Description { get; init; }

    /// <summary>Whether Zoho shows a sign-up form for it.</summary>
    public bool PublicSignup { get; init; }
}

[JsonConverter(typeof(ApiNameConverter<SubscriberStatus>))]
public enum SubscriberStatus
{
    Unknown,
    Active,
    Unsubscribed,
    Bounced,
}

/// <summary>What Zoho has of a contact; null where it has nothing.</summary>
public sealed record Subscriber(
    string Email, string? FirstName, string? LastName, string? Company, string? Phone, DateTimeOffset? AddedAt);

internal sealed record SubscriberPage(IReadOnlyList<Subscriber> Subscribers, string? NextPageToken);
