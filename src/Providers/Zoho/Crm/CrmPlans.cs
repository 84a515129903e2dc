using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// Which plan the organisation behind a quota has: told in Redis by whoever reads the organisation, believed for a week, and the lowest
/// until then. Remembered here for five minutes, because every call asks.
/// </summary>
public sealed partial class CrmPlans(RedisServer redis, TimeProvider clock, ILogger<CrmPlans> logger)
{
    private static readonly TimeSpan Known = TimeSpan.FromDays(7);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    // one entry for each organisation that is called
    private readonly ConcurrentDictionary<string, (CrmPlan Plan, DateTimeOffset Until)> _memory = new(StringComparer.Ordinal);

    internal async Task<CrmPlan> OfAsync(string scope, CancellationToken cancellationToken)
    {
        if (_memory.TryGetValue(scope, out var remembered) && remembered.Until > clock.GetUtcNow())
        {
            return remembered.Plan;
        }

        try
        {
            var told = (string?)await redis.AskAsync(database => database.StringGetAsync(Key(scope)), cancellationToken);
            return Remember(scope, CrmPlan.Parse(told) ?? CrmPlan.Lowest);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
            return CrmPlan.Lowest;
        }
    }

    internal async Task LearnAsync(string scope, CrmPlan plan, CancellationToken cancellationToken)
    {
        Remember(scope, plan);
        try
        {
            await redis.AskAsync(database => database.StringSetAsync(Key(scope), plan.ToString(), Known), cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
        }
    }

    private static RedisKey Key(string scope) => $"quota:{{{scope}:plan}}";

    private CrmPlan Remember(string scope, CrmPlan plan)
    {
        _memory[scope] = (plan, clock.GetUtcNow() + Remembered);
        return plan;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The plan of an organisation cannot be seen: Redis does not answer")]
    private partial void LogUnknown(Exception exception);
}
