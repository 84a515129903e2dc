using ZohoPlatform.Api.Crm;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Crm;

/// <summary>Modules of Zoho CRM that are followed, because a service of the platform wants them.</summary>
public sealed class FeedsClient
{
    private const string Path = "api/v1/crm/zoho/feeds";

    private readonly GatewayCalls _calls;

    internal FeedsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Oldest first. Role needed: viewer.</summary>
    public Task<IReadOnlyList<Feed>> ListAsync(CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.FeedList, cancel),
        page => (page.Feeds, page.NextPageToken),
        cancellationToken);

    /// <summary>Role needed: viewer.</summary>
    public Task<Feed> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Feed, cancellationToken);

    /// <summary>What it has done, newest first. Role needed: viewer.</summary>
    /// <param name="id"><see cref="Feed.Id"/>.</param>
    public IAsyncEnumerable<FeedRun> RunsAsync(string id) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With($"{Path}/{Paths.Part(id)}/runs", ("page_size", "200"), ("page_token", token)),
            PlatformJson.Default.FeedRunList,
            cancellationToken),
        page => (page.Runs, page.NextPageToken));

    /// <summary>Has it look at once. Role needed: operator.</summary>
    public Task<Feed> RefreshAsync(string id, FeedRefresh refresh, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/refresh", refresh, PlatformJson.Default.FeedRefresh, PlatformJson.Default.Feed, idempotencyKey: null, cancellationToken);

    /// <summary>Lets it rest until it is resumed. Role needed: operator.</summary>
    public Task<Feed> PauseAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "pause", cancellationToken);

    /// <summary>Lets it go on where it was. Role needed: operator.</summary>
    public Task<Feed> ResumeAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "resume", cancellationToken);

    /// <summary>A person's word on records that vanished; <c>nothing_to_confirm</c> where it does not ask. Role needed: admin.</summary>
    public Task<Feed> ConfirmDeletionsAsync(string id, DeletionsAnswer answer, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/confirm-deletions",
        answer,
        PlatformJson.Default.DeletionsAnswer,
        PlatformJson.Default.Feed,
        idempotencyKey: null,
        cancellationToken);

    private Task<Feed> ChangeAsync(string id, string change, CancellationToken cancellationToken) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/{change}", PlatformJson.Default.Feed, idempotencyKey: null, cancellationToken);
}
