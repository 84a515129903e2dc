using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Spreads a sync's calls evenly over the minute, whichever replica makes them: each call is given its own moment, one interval of the
/// sync's behind its last, and so many of a tenant in a minute that all of its syncs together stay below its ceiling. A limit per minute
/// alone would be used up in the first seconds, and what else wants to call Zoho would then wait. Time is Redis' own.
/// </summary>
internal sealed class SyncPace(RedisServer redis, TimeProvider clock)
{
    // a minute, for all of its syncs together: what one of them may be given at most
    private const int CallsOfATenant = 2_000;

    // a place in the queue is worth more than a second's wait, and a second's wait more than giving it back and taking it again
    private static readonly TimeSpan LongestInPlace = TimeSpan.FromSeconds(1);

    private static readonly Failure Unknown = new(
        FailureKind.Unavailable, "pace_unknown", "The platform cannot see how fast it calls Zoho, and waits until it can.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    // KEYS: when the sync's next call may be made, and the tenant's. ARGV: intervals of both and the longest wait, in microseconds.
    // Answers the microseconds until this call's moment; one that is further away than that is not taken, and keeps nobody waiting.
    private const string TakeScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local own = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        local all = math.max(tonumber(redis.call('GET', KEYS[2]) or 0), now)
        local moment = math.max(own, all)
        if moment - now <= tonumber(ARGV[3]) then
            redis.call('SET', KEYS[1], string.format('%.0f', moment + ARGV[1]), 'PX', 120000)
            redis.call('SET', KEYS[2], string.format('%.0f', all + ARGV[2]), 'PX', 120000)
        end
        return string.format('%.0f', moment - now)
        """;

    /// <summary>
    /// Null when the moment of the sync's next call has come. Otherwise it is later, and the call is asked for anew then; or Redis does not
    /// answer.
    /// </summary>
    public async Task<Step?> WaitAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await redis.AskAsync(
                database => database.ScriptEvaluateAsync(
                    TakeScript,
                    [$"sync-pace:{{{sync.TenantId}}}:{sync.Id}", $"sync-pace:{{{sync.TenantId}}}"],
                    [Interval(sync.Rate), Interval(CallsOfATenant), (long)LongestInPlace.TotalMicroseconds]),
                cancellationToken);
            var wait = TimeSpan.FromMicroseconds((long)answer);
            if (wait > LongestInPlace)
            {
                return Step.Later(wait);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancellationToken);
            }

            return null;
        }
        catch (RedisUnavailableException)
        {
            return Step.After(Unknown);
        }
    }

    private static long Interval(int callsPerMinute) => 60_000_000L / callsPerMinute;
}
