using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>
/// Whether 1,000 streams live next to each other: all are open and answered before any goes on, then all talk at once, then all end. The
/// server ends none before its caller does, so that those answered at first are open together.
/// </summary>
internal static class ThousandStreams
{
    private const int Streams = 1000;
    private const int MessagesEach = 50;

    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var grpc = await ServerProcess.StartAsync(GrpcServer.Name);

        await RunAsync(grpc.Address);
        List<Round> measured = [];

        for (var round = 0; round < rounds; round++)
        {
            measured.Add(await RunAsync(grpc.Address));
        }

        return
        [
            new Figure("streams open at once", "", measured.ConvertAll(r => (double)r.Open), new Target(AtLeast: Streams)),
            new Figure("streams that ended well", "", measured.ConvertAll(r => (double)r.EndedWell), new Target(AtLeast: Streams)),
            new Figure("until all are open and answered", "ms", measured.ConvertAll(r => r.Opening.TotalMilliseconds)),
            new Figure("round trips on all", "1/s", measured.ConvertAll(r => Streams * MessagesEach / r.Talking.TotalSeconds)),
            new Figure("slowest round trip", "ms", measured.ConvertAll(r => r.Slowest.TotalMilliseconds)),
        ];
    }

    /// <summary>One round, on connections of its own.</summary>
    private static async Task<Round> RunAsync(Uri address)
    {
        using var limit = new CancellationTokenSource(LongestRound);
        using var channel = GrpcChannel.ForAddress(address);
        var echo = new Echo.EchoClient(channel);
        var trips = new ConcurrentQueue<TimeSpan>();
        var failures = new ConcurrentQueue<RpcException>();

        var start = Stopwatch.GetTimestamp();
        var chats = Enumerable.Range(0, Streams).Select(_ => echo.Chat(cancellationToken: limit.Token)).ToArray();
        var open = await CountAsync(chat => SayAsync(chat, limit.Token));
        var opening = Stopwatch.GetElapsedTime(start);

        start = Stopwatch.GetTimestamp();
        await CountAsync(async chat =>
        {
            for (var i = 0; i < MessagesEach; i++)
            {
                trips.Enqueue(await SayAsync(chat, limit.Token));
            }
        });
        var talking = Stopwatch.GetElapsedTime(start);

        var endedWell = await CountAsync(chat => EndAsync(chat, limit.Token));

        if (failures.TryPeek(out var first))
        {
            await Console.Error.WriteLineAsync($"{failures.Count} steps failed, the first with {first.Status}");
        }

        return new Round(open, endedWell, opening, talking, trips.DefaultIfEmpty().Max());

        async Task<int> CountAsync(Func<AsyncDuplexStreamingCall<EchoMessage, EchoMessage>, Task> step)
        {
            var done = await Task.WhenAll(chats.Select(async chat =>
            {
                try
                {
                    await step(chat);
                    return true;
                }
                catch (RpcException e)
                {
                    failures.Enqueue(e);
                    return false;
                }
            }));
            return done.Count(well => well);
        }
    }

    private static async Task<TimeSpan> SayAsync(
        AsyncDuplexStreamingCall<EchoMessage, EchoMessage> chat, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();

        await chat.RequestStream.WriteAsync(Payload.Message, cancellationToken);

        return await chat.ResponseStream.MoveNext(cancellationToken) && chat.ResponseStream.Current.Equals(Payload.Message)
            ? Stopwatch.GetElapsedTime(start)
            : throw new InvalidOperationException("A stream was answered with something else than its message.");
    }

    private static async Task EndAsync(AsyncDuplexStreamingCall<EchoMessage, EchoMessage> chat, CancellationToken cancellationToken)
    {
        using (chat)
        {
            await chat.RequestStream.CompleteAsync();

            if (await chat.ResponseStream.MoveNext(cancellationToken))
            {
                throw new InvalidOperationException("A stream was answered with more messages than it sent.");
            }
        }
    }

    private sealed record Round(int Open, int EndedWell, TimeSpan Opening, TimeSpan Talking, TimeSpan Slowest);
}
