using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Jobs that bring users who existed before onto a mailing list.</summary>
public sealed class SyncsClient
{
    private const string Path = "api/v1/campaigns/syncs";

    private readonly GatewayCalls _calls;

    internal SyncsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Answers as soon as the sync is stored. Role needed: operator; admin where it reads a table or re-subscribes.</summary>
    /// <param name="sync">What to sync.</param>
    /// <param name="idempotencyKey">1 to 200 visible ASCII characters: a second call with it answers with the first one's sync.</param>
    /// <param name="cancellationToken">Ends the wait; a sync that was stored already goes on.</param>
    public Task<AcceptedSync> StartAsync(NewSync sync, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(Path, sync, PlatformJson.Default.NewSync, PlatformJson.Default.AcceptedSync, idempotencyKey, cancellationToken);

    /// <summary>Role needed: viewer.</summary>
    public Task<Sync> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Sync, cancellationToken);

    /// <summary>Newest first. Role needed: viewer.</summary>
    /// <param name="state">Only those in this state; all when null.</param>
    /// <param name="source">Only those with this in the name of their source, in any case; all when null.</param>
    /// <param name="createdBy">Only those that this caller made, as the audit names callers: key:abc.</param>
    /// <param name="oldestFirst">In the other order.</param>
    public IAsyncEnumerable<Sync> ListAsync(
        SyncState? state = null, string? source = null, string? createdBy = null, bool oldestFirst = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                Path,
                ("state", state is { } wanted ? ApiName.Of(wanted) : null),
                ("source", source),
                ("created_by", createdBy),
                ("order_by", Paths.Order(oldestFirst)),
                ("page_size", "200"),
                ("page_token", token)),
            PlatformJson.Default.SyncPage,
            cancellationToken),
        page => (page.Syncs, page.NextPageToken));

    /// <summary>Stops after the calls that are under way. Role needed: operator.</summary>
    public Task<Sync> PauseAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "pause", cancellationToken);

    /// <summary>Role needed: operator.</summary>
    public Task<Sync> ResumeAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "resume", cancellationToken);

    /// <summary>What was pushed stays pushed; what was not is not any more. Role needed: operator.</summary>
    public Task<Sync> CancelAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "cancel", cancellationToken);

    /// <summary>
    /// Deletes a sync that has ended, with its ledger; what was pushed stays pushed. <see cref="PlatformException"/> with the code
    /// <c>sync_not_ended</c> where it has not. Role needed: admin.
    /// </summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);

    /// <summary>The ledger, in the source's order. Role needed: viewer.</summary>
    /// <param name="id">Of the sync.</param>
    /// <param name="outcome">Only those; all when null.</param>
    public IAsyncEnumerable<SyncContact> ContactsAsync(string id, SyncOutcome? outcome = null) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                $"{Path}/{Paths.Part(id)}/contacts",
                ("outcome", outcome is { } wanted ? ApiName.Of(wanted) : null),
                ("page_size", "1000"),
                ("page_token", token)),
            PlatformJson.Default.SyncContactPage,
            cancellationToken),
        page => (page.Contacts, page.NextPageToken));

    /// <summary>
    /// Writes the whole ledger as CSV, as it comes. One that breaks off throws: what was written then is not all of it. Role needed:
    /// viewer.
    /// </summary>
    /// <param name="id">Of the sync.</param>
    /// <param name="destination">Left open.</param>
    /// <param name="outcome">Only those; all when null.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    public async Task ExportAsync(string id, Stream destination, SyncOutcome? outcome = null, CancellationToken cancellationToken = default)
    {
        var path = Paths.With($"{Path}/{Paths.Part(id)}/contacts.csv", ("outcome", outcome is { } wanted ? ApiName.Of(wanted) : null));
        using var answer = await _calls.OpenAsync(path, "text/csv", lastEventId: null, cancellationToken);
        await _calls.CopyAsync(answer, destination, cancellationToken);
    }

    /// <summary>
    /// The sync now and after every change, until it has ended. A stream that was cut is taken up after the last event;
    /// <see cref="PlatformException"/> where that fails for some minutes. Role needed: viewer.
    /// </summary>
    /// <param name="id">Of the sync.</param>
    /// <param name="after">
    /// <see cref="SyncEvent.Number"/> of the last event that is known; 0 for all outcomes; null for those from now on.
    /// </param>
    /// <param name="cancellationToken">Ends the watching, not the sync.</param>
    public IAsyncEnumerable<SyncEvent> WatchAsync(string id, long? after = null, CancellationToken cancellationToken = default) => EventStream.FollowAsync(
        _calls,
        $"{Path}/{Paths.Part(id)}/events",
        after?.ToString(CultureInfo.InvariantCulture),
        EventOf,
        change => change.Sync.HasEnded,
        cancellationToken);

    private static SyncEvent? EventOf(SseItem<string> item) =>
        item.EventType == "progress" && JsonSerializer.Deserialize(item.Data, PlatformJson.Default.SyncEvent) is { Sync: not null } change
            ? change with { Number = long.Parse(item.EventId ?? "", NumberStyles.None, CultureInfo.InvariantCulture) }
            : null;

    private Task<Sync> ChangeAsync(string id, string verb, CancellationToken cancellationToken) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/{verb}", PlatformJson.Default.Sync, idempotencyKey: null, cancellationToken);
}
