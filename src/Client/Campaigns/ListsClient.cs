using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
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

    /// <summary>
    /// Takes an address off a list; one that is off already is a success. Where Zoho cannot be told yet, the platform does so by itself later, and
    /// the answer says that. Role needed: operator.
    /// </summary>
    public Task<KeptOff> UnsubscribeAsync(string key, string email, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(key)}/unsubscribe", new OptOut(email), PlatformJson.Default.OptOut, PlatformJson.Default.KeptOff, idempotencyKey: null,
        cancellationToken);
}
