using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Jobs that bring users who existed before onto a mailing list.</summary>
public sealed class SyncsClient
{
    private const string Path = "api/v1/campaigns/syncs";

    // with the calls' own repetitions: the gateway may be away for some minutes
    private const int Reconnections = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

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
    public IAsyncEnumerable<Sync> ListAsync() => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(Path, ("page_token", token)), PlatformJson.Default.SyncPage, cancellationToken),
        page => (page.Syncs, page.NextPageToken));

    /// <summary>Stops after the calls that are under way. Role needed: operator.</summary>
    public Task<Sync> PauseAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "pause", cancellationToken);

    /// <summary>Role needed: operator.</summary>
    public Task<Sync> ResumeAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "resume", cancellationToken);

    /// <summary>What was pushed stays pushed; what was not is not any more. Role needed: operator.</summary>
    public Task<Sync> CancelAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, "cancel", cancellationToken);

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
    public async Task ExportAsync(string id, Stream destination, CancellationToken cancellationToken = default)
    {
        using var answer = await _calls.OpenAsync($"{Path}/{Paths.Part(id)}/contacts", "text/csv", lastEventId: null, cancellationToken);
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
    public async IAsyncEnumerable<SyncEvent> WatchAsync(
        string id, long? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var failures = 0;
        while (true)
        {
            var ended = false;
            await using var events = EventsAsync(id, after, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (PlatformException e) when (IsCut(e) && failures < Reconnections)
                {
                    break;
                }

                failures = 0;
                after = events.Current.Number;
                ended = events.Current.Sync.HasEnded;
                yield return events.Current;
            }

            if (ended)
            {
                yield break;
            }

            if (++failures > Reconnections)
            {
                throw new PlatformException(
                    null, "events_cut", "The gateway ends the stream of events again and again before the sync has ended.");
            }

            var pause = TimeSpan.FromSeconds(Math.Min(0.25 * failures * failures, LongestPause.TotalSeconds));
            await Task.Delay(pause, _calls.Clock, cancellationToken);
        }
    }

    private async IAsyncEnumerable<SyncEvent> EventsAsync(
        string id, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _calls.OpenAsync(
            $"{Path}/{Paths.Part(id)}/events", "text/event-stream", after?.ToString(CultureInfo.InvariantCulture), cancellationToken);
        var stream = new TimedStream(await answer.Content.ReadAsStreamAsync(cancellationToken), _calls.Clock);
        var parser = SseParser.Create(stream, static (_, data) => JsonSerializer.Deserialize(data, PlatformJson.Default.SyncEvent));
        await using var items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            SyncEvent next;
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }

                var item = items.Current;
                if (item.EventType != "progress" || item.Data is not { Sync: not null } change)
                {
                    continue;
                }

                var number = long.Parse(item.EventId ?? parser.LastEventId, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                next = change with { Number = number };
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw _calls.Unreachable(e);
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new PlatformException(
                    answer.StatusCode,
                    "answer_unreadable",
                    "An event of the gateway is not understood: check whether client and gateway are of the same version.",
                    e);
            }

            yield return next;
        }
    }

    private static bool IsCut(PlatformException failure) => failure.Status is null
        or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable
        or HttpStatusCode.GatewayTimeout;

    private Task<Sync> ChangeAsync(string id, string verb, CancellationToken cancellationToken) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/{verb}", PlatformJson.Default.Sync, idempotencyKey: null, cancellationToken);
}
