using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Spreads a tenant's calls evenly over the minute, for all replicas and jobs together: each call is given its own moment, one interval
/// behind the last. A limit per minute alone would be used up in the first seconds, and what else wants to call Zoho would then wait. Time
/// is Redis' own.
/// </summary>
internal sealed class SyncPace(RedisServer redis, TimeProvider clock)
{
    private static readonly Failure Unknown = new(
        FailureKind.Unavailable, "pace_unknown", "The platform cannot see how fast it calls Zoho, and waits until it can.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    // KEYS: when the next call may be made. ARGV: interval in microseconds. Answers the microseconds until this call's moment.
    private const string TakeScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local moment = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        redis.call('SET', KEYS[1], string.format('%.0f', moment + ARGV[1]), 'PX', 120000)
        return string.format('%.0f', moment - now)
        """;

    /// <summary>Returns when this call's moment has come; a failure where Redis does not answer.</summary>
    public async Task<Failure?> WaitAsync(TenantId tenant, int callsPerMinute, CancellationToken cancellationToken)
    {
        try
        {
            var interval = 60_000_000L / callsPerMinute;
            var answer = await redis.AskAsync(
                database => database.ScriptEvaluateAsync(TakeScript, [$"sync-pace:{{{tenant}}}"], [interval]), cancellationToken);
            var wait = TimeSpan.FromMicroseconds((long)answer);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancellationToken);
            }

            return null;
        }
        catch (RedisUnavailableException)
        {
            return Unknown;
        }
    }
}
