using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ZohoPlatform.Client.Http;

/// <summary>Server-sent events of the gateway, across the connections that they need.</summary>
internal static class EventStream
{
    // with the calls' own repetitions: the gateway may be away for some minutes
    private const int Reconnections = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The events of <paramref name="path"/>, opened again behind the last id that was told where it ends or is cut, until one is the last of all;
    /// <see cref="PlatformException"/> where nothing comes for some minutes.
    /// </summary>
    /// <param name="calls">Opens it.</param>
    /// <param name="path">Where.</param>
    /// <param name="after">Id of the event to go on after; null for what the gateway begins with.</param>
    /// <param name="read">An event from its type, its id and its data; null where it is passed over.</param>
    /// <param name="isLast">Whether nothing comes behind it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<T> FollowAsync<T>(
        GatewayCalls calls,
        string path,
        string? after,
        Func<SseItem<string>, T?> read,
        Func<T, bool> isLast,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var (last, failures) = (after, 0);
        while (true)
        {
            await using var events = ReadAsync(calls, path, last, read, id => last = id, cancellationToken).GetAsyncEnumerator(cancellationToken);
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
                var ended = isLast(events.Current);
                yield return events.Current;
                if (ended)
                {
                    yield break;
                }
            }

            if (++failures > Reconnections)
            {
                throw new PlatformException(null, "events_cut", "The gateway ends the stream of events again and again.");
            }

            var pause = TimeSpan.FromSeconds(Math.Min(0.25 * failures * failures, LongestPause.TotalSeconds));
            await Task.Delay(pause, calls.Clock, cancellationToken);
        }
    }

    // an id can come without an event: where the stream began
    private static async IAsyncEnumerable<T> ReadAsync<T>(
        GatewayCalls calls,
        string path,
        string? lastEventId,
        Func<SseItem<string>, T?> read,
        Action<string> told,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var answer = await calls.OpenAsync(path, "text/event-stream", lastEventId, cancellationToken);
        var stream = new TimedStream(await answer.Content.ReadAsStreamAsync(cancellationToken), calls.Clock);
        var parser = SseParser.Create(stream);
        await using var items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            T? next;
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }

                next = read(items.Current);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw calls.Unreachable(e);
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new PlatformException(
                    answer.StatusCode,
                    "answer_unreadable",
                    "An event of the gateway is not understood: check whether client and gateway are of the same version.",
                    e);
            }
            finally
            {
                if (parser.LastEventId.Length > 0)
                {
                    told(parser.LastEventId);
                }
            }

            if (next is not null)
            {
                yield return next;
            }
        }
    }

    private static bool IsCut(PlatformException failure) => failure.Status is null
        or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable
        or HttpStatusCode.GatewayTimeout;
}
