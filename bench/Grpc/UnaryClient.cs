using System.Diagnostics;
using System.Net;
using Grpc.Net.Client;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>What the two runtimes together cost over HttpClient and Kestrel.</summary>
internal static class UnaryClient
{
    private const int Callers = 50;
    private const int CallsEach = 1600;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var grpc = await ServerProcess.StartAsync(GrpcServer.Name);
        await using var bare = await ServerProcess.StartAsync(BareServer.Name);
        using var channel = GrpcChannel.ForAddress(grpc.Address);
        using var http = new HttpClient
        {
            BaseAddress = bare.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var echo = new Echo.EchoClient(channel);

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("gRPC", grpc.ReadUsageAsync, ct => RunAsync(async () =>
            {
                var answer = await echo.UnaryAsync(Payload.Message, cancellationToken: ct);
                return answer.Equals(Payload.Message);
            })),
            new Contender("bare", bare.ReadUsageAsync, ct => RunAsync(async () =>
            {
                using var content = new ByteArrayContent(Payload.Frame);
                using var response = await http.PostAsync("/", content, ct);
                var answer = await response.Content.ReadAsByteArrayAsync(ct);
                return answer.AsSpan().SequenceEqual(Payload.Frame);
            })));

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond),
            .. contest.Compare("server CPU per call", "us", m => m.ServerCpu),
            .. contest.Compare("client CPU per call", "us", m => m.ClientCpu),
            .. contest.Show("server allocated per call", "bytes", m => m.ServerAllocated),
            .. contest.Show("client allocated per call", "bytes", m => m.ClientAllocated),
        ];
    }

    /// <summary>Callers that each call again as soon as they have an answer.</summary>
    private static async Task<Lap> RunAsync(Func<Task<bool>> call)
    {
        var start = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (var i = 0; i < CallsEach; i++)
            {
                if (!await call())
                {
                    throw new InvalidOperationException("A call was answered with other bytes than it sent.");
                }
            }
        }));

        return new Lap(Callers * CallsEach, Stopwatch.GetElapsedTime(start));
    }
}
