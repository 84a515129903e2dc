using Grpc.Net.Client;
using ZohoPlatform.Bench.Grpc;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>What a hand-out costs over the call that brings it: ticket, look-up and audit.</summary>
internal static class TokenHandOut
{
    private const int Connections = 100;
    private const int Callers = 50;
    private const int Calls = 80_000;

    // as the token service's own settings file has it: neither spins, and both have as many heaps as they need
    private static readonly Dictionary<string, string?> RuntimeOfTheService = new(StringComparer.Ordinal)
    {
        ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
        ["DOTNET_GCDynamicAdaptationMode"] = "1",
    };

    // the JIT goes on compiling a whole service for longer than an echo
    private const int WarmUps = 10;

    // a moment's nanoseconds are written with as many bytes as they need
    private const int LengthOfTime = 4;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await TokenBed.StartAsync();
        await using var tokens = await bed.StartServiceAsync();
        await using var service = bed.BuildService();
        var keys = await TokenBed.SeedAsync(service, tenants: 1, Connections);
        await using var grpc = await ServerProcess.StartAsync(EchoServer.Name, RuntimeOfTheService);
        using var tokenChannel = GrpcChannel.ForAddress(tokens.Address);
        using var echoChannel = GrpcChannel.ForAddress(grpc.Address);
        var client = new AccessTokens.AccessTokensClient(tokenChannel);
        var echo = new AccessTokens.AccessTokensClient(echoChannel);
        var requests = keys
            .Select(key => new GetAccessTokenRequest { ConnectionId = key.Id.ToString(), Purpose = "bench.hand-out" })
            .ToList();
        var answer = await client.GetAccessTokenAsync(requests[0], bed.TicketOf(keys[0].Tenant));
        if (await echo.GetAccessTokenAsync(requests[0]) is var known && Math.Abs(known.CalculateSize() - answer.CalculateSize()) > LengthOfTime)
        {
            throw new InvalidOperationException($"The echo answers {known.CalculateSize()} bytes and the service {answer.CalculateSize()}.");
        }

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("hand-out", _ => Task.FromResult(new Usage(tokens.CpuTime, AllocatedBytes: 0)), async ct =>
            {
                var ticket = bed.TicketOf(keys[0].Tenant);
                return await RunAsync(async i =>
                {
                    var token = await client.GetAccessTokenAsync(requests[i % Connections], ticket, cancellationToken: ct);
                    return token.AccessToken.Length == answer.AccessToken.Length;
                });
            }),
            new Contender("echo", grpc.ReadUsageAsync, ct => RunAsync(async i =>
            {
                var same = await echo.GetAccessTokenAsync(requests[i % Connections], cancellationToken: ct);
                return same.AccessToken.Length == answer.AccessToken.Length;
            })),
            WarmUps);

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond, new Target(AtLeast: 0.85)),
            .. contest.Compare("p99", "us", m => m.Slow, new Target(AtMost: 1.5)),
            .. contest.Compare("server CPU per call", "us", m => m.ServerCpu),
            .. contest.Compare("client CPU per call", "us", m => m.ClientCpu),
        ];
    }

    private static Task<Lap> RunAsync(Func<int, Task<bool>> call) => CallerLap.RunAsync(Callers, Calls, call);
}
