using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Connections;


namespace ZohoPlatform.Bench.Tokens;

/// <summary>What a connection costs a process that has its token in memory.</summary>
internal static class TokenMemoryUse
{
    private const int Connections = 100_000;

    /// <remarks>
    /// The service's own classes in this process, so that the collector can be asked for the exact difference: tokens come from Redis as
    /// they do in a replica, and nothing else is made on the way that stays.
    /// </remarks>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await TokenBed.StartAsync();
        await using (await bed.StartServiceAsync())
        {
            // prepares the database
        }

        await using var writer = bed.BuildService();
        var keys = TokenBed.NewKeys(tenants: 100, each: Connections / 100);
        await TokenBed.ShareAsync(writer, keys);
        var bytes = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            await using var reader = bed.BuildService();
            var tokens = reader.Services.GetRequiredService<AccessTokenProvider>();
            var used = reader.Services.GetRequiredService<UsedTokens>();
            await GetAsync(tokens, used, keys[0]);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await Parallel.ForEachAsync(keys, async (key, _) => await GetAsync(tokens, used, key));
            bytes.Add((double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Connections);
            GC.KeepAlive(reader);
        }

        return
        [
            new Figure("memory per cached connection", "bytes", bytes),
            new Figure("memory per 100,000", "MB", bytes.ConvertAll(each => each * 100_000 / 1e6)),
        ];
    }

    private static async Task GetAsync(AccessTokenProvider tokens, UsedTokens used, ConnectionKey key)
    {
        if (!(await tokens.GetAsync(key, TimeSpan.Zero, CancellationToken.None)).Succeeded(out var token, out var failure))
        {
            throw new InvalidOperationException(failure.Message);
        }

        // made when it is handed out, and kept with it
        _ = token.AnswerOf(key.Id);
        used.Note(key, token);
    }
}
