using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Lets one replica at a time to a connection's refresh. This is the quick half, in Redis, so that the others wait without asking the
/// database; the half that decides is the lease in the connection's row, which is taken with the budget and holds without Redis too.
/// </summary>
internal sealed partial class RefreshLease(RedisServer redis, ILogger<RefreshLease> logger)
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

    /// <summary>False only when another one holds it. A Redis that does not answer leaves the decision to the database.</summary>
    public async Task<bool> TryTakeAsync(ConnectionKey key, Guid owner)
    {
        try
        {
            return await redis.AskAsync(
                database => database.StringSetAsync(KeyOf(key), owner.ToString(), Life, When.NotExists), CancellationToken.None);
        }
        catch (RedisUnavailableException e)
        {
            LogUnavailable(e.Message);
            return true;
        }
    }

    /// <summary>Gives it back if <paramref name="owner"/> still has it.</summary>
    public async Task ReleaseAsync(ConnectionKey key, Guid owner)
    {
        try
        {
            await redis.AskAsync(
                database => database.ScriptEvaluateAsync(ReleaseScript, [KeyOf(key)], [(RedisValue)owner.ToString()]), CancellationToken.None);
        }
        catch (RedisUnavailableException e)
        {
            // it ends by itself
            LogUnavailable(e.Message);
        }
    }

    private static RedisKey KeyOf(ConnectionKey key) => $"tokens:{{{key}}}:lease";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refresh leases are kept by PostgreSQL alone at the moment: {Reason}")]
    private partial void LogUnavailable(string reason);
}
