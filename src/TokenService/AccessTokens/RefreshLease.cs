using StackExchange.Redis;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Lets one replica at a time to a connection's refresh. This is the quick half, in Redis, so that the others wait without asking the
/// database; the half that decides is the lease in the connection's row, which is taken with the budget and holds without Redis too.
/// </summary>
internal sealed class RefreshLease(SharedRedis redis)
{
    /// <summary>Longer than one request to the provider may take (ten seconds) with the two transactions around it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private const string ReleaseScript =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
            return redis.call('DEL', KEYS[1])
        end
        return 0
        """;

    /// <summary>False only when another one holds it: without Redis the database decides.</summary>
    public Task<bool> TryTakeAsync(ConnectionKey key, Guid owner) =>
        redis.AskAsync(database => database.StringSetAsync(KeyOf(key), owner.ToString(), Life, When.NotExists), whenAway: true);

    /// <summary>Gives it back if <paramref name="owner"/> still has it; where Redis does not answer, it ends by itself.</summary>
    public Task ReleaseAsync(ConnectionKey key, Guid owner) =>
        redis.AskAsync<RedisResult?>(
            async database => await database.ScriptEvaluateAsync(ReleaseScript, [KeyOf(key)], [(RedisValue)owner.ToString()]),
            whenAway: null);

    private static RedisKey KeyOf(ConnectionKey key) => $"tokens:{{{key}}}:lease";
}
