using Grpc.Net.Client;
using StackExchange.Redis;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>Hand-outs of tokens that this replica has not in memory and another one put into Redis.</summary>
internal static class TokenColdRedis
{
    private const int Callers = 50;
    private const int Calls = 5_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await TokenBed.StartAsync();
        await using var tokens = await bed.StartServiceAsync();
        await using var writer = bed.BuildService();
        var keys = TokenBed.NewKeys(tenants: rounds + Contest.WarmUps, each: Calls);
        await TokenBed.ShareAsync(writer, keys);
        using var channel = GrpcChannel.ForAddress(tokens.Address);
        var client = new AccessTokens.AccessTokensClient(channel);
        using var redis = await ConnectionMultiplexer.ConnectAsync(bed.Redis);
        var database = redis.GetDatabase();
        var sealedToken = TokenBed.SealedLikeInRedis(writer);
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => database.StringSetAsync($"bench:{i}", sealedToken)));

        var next = 0;
        var contest = await Contest.RunAsync(
            rounds,
            new Contender("hand-out", _ => Task.FromResult(new Usage(tokens.CpuTime, AllocatedBytes: 0)), async ct =>
            {
                // a tenant of its own for every lap: no token is met a second time
                var lap = keys.Skip(next++ * Calls).Take(Calls).ToList();
                var ticket = bed.TicketOf(lap[0].Tenant);
                return await RunAsync(async i =>
                {
                    var request = new GetAccessTokenRequest { ConnectionId = lap[i].Id.ToString(), Purpose = "bench.cold" };
                    return (await client.GetAccessTokenAsync(request, ticket, cancellationToken: ct)).AccessToken.Length > 0;
                });
            }),
            new Contender("GET", _ => Task.FromResult(Usage.OfThisProcess()), _ =>
                RunAsync(async i => ((byte[]?)await database.StringGetAsync($"bench:{i}"))?.Length == sealedToken.Length)));

        return
        [
            .. contest.Compare("calls", "1/s", m => m.PerSecond, new Target(AtLeast: 0.30)),
            .. contest.Compare("p99", "us", m => m.Slow),
        ];
    }

    private static Task<Lap> RunAsync(Func<int, Task<bool>> call) => CallerLap.RunAsync(Callers, Calls, call);
}
