using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Which plan the organisation behind a quota has: told in Redis by whoever learns it, and believed for a week. Remembered here for five minutes, because
/// every call asks.
/// </summary>
public sealed partial class KnownPlans(RedisServer redis, TimeProvider clock, ILogger<KnownPlans> logger)
{
    private static readonly TimeSpan Known = TimeSpan.FromDays(7);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    // one entry for each organisation that is called
    private readonly ConcurrentDictionary<string, (string? Plan, DateTimeOffset Until)> _memory = new(StringComparer.Ordinal);

    /// <summary>As it was told; null where nobody knows it.</summary>
    internal async Task<string?> OfAsync(string scope, CancellationToken cancellationToken)
    {
        if (_memory.TryGetValue(scope, out var remembered) && remembered.Until > clock.GetUtcNow())
        {
            return remembered.Plan;
        }

        try
        {
            var told = (string?)await redis.AskAsync(database => database.StringGetAsync(Key(scope)), cancellationToken);
            return Remember(scope, told);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
            return null;
        }
    }

    internal async Task LearnAsync(string scope, string plan, CancellationToken cancellationToken)
    {
        if (_memory.TryGetValue(scope, out var remembered) && remembered.Plan == plan && remembered.Until > clock.GetUtcNow())
        {
            return;
        }

        Remember(scope, plan);
        try
        {
            await redis.AskAsync(database => database.StringSetAsync(Key(scope), plan, Known), cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
        }
    }

    private static RedisKey Key(string scope) => $"quota:{{{scope}:plan}}";

    private string? Remember(string scope, string? plan)
    {
        _memory[scope] = (plan, clock.GetUtcNow() + Remembered);
        return plan;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The plan of an organisation cannot be seen: Redis does not answer")]
    private partial void LogUnknown(Exception exception);
}
