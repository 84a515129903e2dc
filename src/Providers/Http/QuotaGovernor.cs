using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Keeps every replica together below a provider's limits, because passing one locks the method for everybody. Counts are in Redis and are
/// taken before the call. A window is cut into 60 slices that are counted whole until the last moment of them has left it: the count may
/// be a slice too high, never too low, so no stretch of time as long as the window holds more calls than are usable, wherever it begins.
/// </summary>
/// <remarks>
/// Who shares a quota is a provider's account, and tenants may have the same one. While several of them want calls, each has an equal part
/// of every window, so that none can use it up; and of a tenant's own part reads have half, so that the other half is left to its jobs,
/// and so has what keeps copies.
/// Time is Redis' own: with each replica's clock, one that runs behind would count into slices that leave too early.
/// Where Redis does not answer nobody calls: a short wait costs less than a lock of half an hour.
/// </remarks>
public sealed partial class QuotaGovernor(RedisServer redis, IOptions<ProvidersOptions> options, ILogger<QuotaGovernor> logger)
{
    private const int SlicesPerWindow = 60;

    private static readonly TimeSpan RemainingIsKnownFor = TimeSpan.FromMinutes(5);

    private static readonly Failure Unknown = new(
        FailureKind.Unavailable,
        "quota_unknown",
        "The platform cannot see how much of the provider's quota is used, and waits until it can.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    // KEYS: lock, what the provider said is left; per limit the slices of all, of the tenant, of the tenant's calls for this use, and which
    // tenants asked when.
    // ARGV: slices per window, the tenant, 1 for a use that has a part, what the call costs, what is left to others; then usable calls and window (ms) per
    // limit.
    // Answers {milliseconds locked, milliseconds until a call is free}, both 0 where this call was counted.
    private const string TakeScript = """
        local locked = redis.call('PTTL', KEYS[1])
        if locked > 0 then return {locked, 0} end

        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local slices, tenant, hasPart = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1'
        local cost, reserve = tonumber(ARGV[4]), tonumber(ARGV[5])
        local left = tonumber(redis.call('GET', KEYS[2]) or '')
        local wait, longest = 0, 0
        for limit = 0, (#KEYS - 2) / 4 - 1 do longest = math.max(longest, tonumber(ARGV[2 * limit + 7])) end

        -- the provider counts what nobody here sees, too: what it says goes before what was counted
        if left and left - cost < reserve then wait = math.max(redis.call('PTTL', KEYS[2]), 1) end

        -- milliseconds until so many and this call are within the usable ones; 0 where that is so now
        local function untilRoom(key, usable, length)
            local wanted = math.min(cost, usable)
            local oldest = math.floor(now / length) - slices
            local flat, live, used = redis.call('HGETALL', key), {}, 0
            for i = 1, #flat, 2 do
                local slice, count = tonumber(flat[i]), tonumber(flat[i + 1])
                if slice < oldest then
                    redis.call('HDEL', key, flat[i])
                else
                    used = used + count
                    live[#live + 1] = {slice, count}
                end
            end
            if used + wanted <= usable then return 0 end
            table.sort(live, function(a, b) return a[1] < b[1] end)
            local over = used + wanted - usable
            for _, entry in ipairs(live) do
                over = over - entry[2]
                if over <= 0 then return (entry[1] + slices + 1) * length - now end
            end
            return 0
        end

        for limit = 0, (#KEYS - 2) / 4 - 1 do
            local all, own, part, tenants = unpack(KEYS, 4 * limit + 3, 4 * limit + 6)
            local usable, window = tonumber(ARGV[2 * limit + 6]), tonumber(ARGV[2 * limit + 7])
            local length = math.ceil(window / slices)
            -- one that is refused wants, too
            redis.call('ZADD', tenants, now, tenant)
            redis.call('ZREMRANGEBYSCORE', tenants, '-inf', now - window)
            redis.call('PEXPIRE', tenants, window)
            local share = math.max(math.floor(usable / redis.call('ZCARD', tenants)), 1)
            -- what is left of a day says nothing of a minute
            if not left or window < longest then wait = math.max(wait, untilRoom(all, usable, length)) end
            -- while much of it is left, nobody is kept from it by who asked once
            if share < usable and untilRoom(all, math.max(math.floor(usable * 0.8), 1), length) > 0 then
                wait = math.max(wait, untilRoom(own, share, length))
            end
            if hasPart then wait = math.max(wait, untilRoom(part, math.max(math.floor(share / 2), 1), length)) end
        end
        if wait > 0 then return {0, wait} end

        if left then redis.call('DECRBY', KEYS[2], cost) end
        for limit = 0, (#KEYS - 2) / 4 - 1 do
            local length = math.ceil(ARGV[2 * limit + 7] / slices)
            for kind = 1, hasPart and 3 or 2 do
                local key = KEYS[4 * limit + 2 + kind]
                redis.call('HINCRBY', key, string.format('%d', math.floor(now / length)), cost)
                redis.call('PEXPIRE', key, length * (slices + 1))
            end
        end
        return {0, 0}
        """;

    // KEYS: lock, the slices of all per limit. ARGV: slices per window, then usable calls and window (ms) per limit.
    // Answers {milliseconds locked, used calls per limit...} and counts nothing.
    private const string StateScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local slices = tonumber(ARGV[1])
        local state = {math.max(redis.call('PTTL', KEYS[1]), 0)}
        for limit = 1, #KEYS - 1 do
            local oldest = math.floor(now / math.ceil(ARGV[2 * limit + 1] / slices)) - slices
            local flat, used = redis.call('HGETALL', KEYS[limit + 1]), 0
            for i = 1, #flat, 2 do
                if tonumber(flat[i]) >= oldest then used = used + tonumber(flat[i + 1]) end
            end
            state[#state + 1] = used
        end
        return state
        """;

    /// <inheritdoc cref="TryTakeAsync(string, QuotaMethod, TenantId, QuotaUse, int, CancellationToken)"/>
    public Task<Failure?> TryTakeAsync(
        string scope, QuotaMethod method, TenantId tenant, QuotaUse use, CancellationToken cancellationToken) =>
        TryTakeAsync(scope, method, tenant, use, cost: 1, cancellationToken);

    /// <summary>
    /// Counts one call of <paramref name="method"/>, if it may be made now. <paramref name="scope"/> names who shares the quota,
    /// the provider first: <c>zoho-campaigns:eu:{account}</c>. <paramref name="cost"/> is what the provider counts it as.
    /// </summary>
    /// <returns>
    /// Null when the call was counted and may be made. Otherwise why not: <c>quota_reached</c> or <c>quota_locked</c> (RateLimited) with
    /// the time until it may, or <c>quota_unknown</c> (Unavailable) when Redis does not answer.
    /// </returns>
    public async Task<Failure?> TryTakeAsync(
        string scope, QuotaMethod method, TenantId tenant, QuotaUse use, int cost, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await EvaluateAsync(
                TakeScript,
                [
                    LockKey(scope, method),
                    LeftKey(scope, method),
                    .. method.Limits.Select(limit => WindowKey(scope, method, limit)).SelectMany(all =>
                        new RedisKey[] { all, all.Append($":{tenant}"), all.Append($":{tenant}:{PartOf(use)}"), all.Append(":tenants") }),
                ],
                [
                    SlicesPerWindow, tenant.ToString(), use is QuotaUse.Job ? 0 : 1, cost,
                    method.Limits.Max(limit => limit.Calls - Usable(limit)), .. Numbers(method),
                ],
                cancellationToken);
            return answer switch
            {
                [> 0 and var locked, ..] => Locked(method, TimeSpan.FromMilliseconds(locked)),
                [_, > 0 and var wait] => Reached(method, TimeSpan.FromMilliseconds(wait)),
                _ => null,
            };
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e, method.Name);
            return Unknown;
        }
    }

    /// <summary>
    /// Stops everyone's calls of <paramref name="method"/> for its lock period, after the provider said that it is locked.
    /// </summary>
    /// <returns>What the caller is told: <c>quota_locked</c>, with the lock period as the time to wait.</returns>
    public async Task<Failure> ReportLockAsync(string scope, QuotaMethod method, CancellationToken cancellationToken)
    {
        LogLocked(method.Name, method.LockPeriod);
        try
        {
            await redis.AskAsync(
                database => database.StringSetAsync(LockKey(scope, method), 1, method.LockPeriod), cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            // nobody calls while Redis is away; the first one after that is told of the lock again and reports it
            LogUnknown(e, method.Name);
        }

        return Locked(method, method.LockPeriod);
    }

    /// <summary>
    /// Keeps what the provider said is left of the quota, from all its clients' calls. For the next minutes it decides whether a call may
    /// be made, and what was counted here does not; after them somebody asks again.
    /// </summary>
    public async Task ReportRemainingAsync(string scope, QuotaMethod method, long remaining, CancellationToken cancellationToken)
    {
        try
        {
            await redis.AskAsync(
                database => database.StringSetAsync(LeftKey(scope, method), remaining, RemainingIsKnownFor), cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            // the next answer says it again
            LogUnknown(e, method.Name);
        }
    }

    /// <summary>How much of the quota is used; <c>quota_unknown</c> when Redis does not answer.</summary>
    public async Task<Result<QuotaState>> GetStateAsync(string scope, QuotaMethod method, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await EvaluateAsync(
                StateScript,
                [LockKey(scope, method), .. method.Limits.Select(limit => WindowKey(scope, method, limit))],
                [SlicesPerWindow, .. Numbers(method)],
                cancellationToken);
            return new QuotaState(
                [.. method.Limits.Select((limit, i) => new QuotaUsage((int)answer[i + 1], Usable(limit), limit))],
                answer[0] > 0 ? TimeSpan.FromMilliseconds(answer[0]) : null);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e, method.Name);
            return Unknown;
        }
    }

    private async Task<long[]> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        var answer = await redis.AskAsync(database => database.ScriptEvaluateAsync(script, keys, values), cancellationToken);
        return [.. ((RedisValue[])answer!).Select(value => (long)value)];
    }

    private IEnumerable<RedisValue> Numbers(QuotaMethod method) =>
        method.Limits.SelectMany(limit => new RedisValue[] { Usable(limit), (long)limit.Window.TotalMilliseconds });

    private int Usable(QuotaLimit limit) => Math.Max(1, (int)(limit.Calls * options.Value.Quota.Ceiling));

    private static string PartOf(QuotaUse use) => use is QuotaUse.Copy ? "copies" : "reads";

    // one hash tag: a script's keys must be on one node of a Redis Cluster
    private static RedisKey LockKey(string scope, QuotaMethod method) => $"quota:{{{scope}:{method.Name}}}:lock";

    private static RedisKey LeftKey(string scope, QuotaMethod method) => $"quota:{{{scope}:{method.Name}}}:left";

    private static RedisKey WindowKey(string scope, QuotaMethod method, QuotaLimit limit) =>
        $"quota:{{{scope}:{method.Name}}}:{(long)limit.Window.TotalMilliseconds}";

    private static Failure Reached(QuotaMethod method, TimeSpan wait) => new(
        FailureKind.RateLimited,
        "quota_reached",
        $"The quota of {method.Name} is used up for now; the call is made once there is room again.")
    {
        RetryAfter = wait,
    };

    private static Failure Locked(QuotaMethod method, TimeSpan wait) => new(
        FailureKind.RateLimited,
        "quota_locked",
        $"The provider has locked {method.Name} after too many calls; nobody calls it until the lock is over.")
    {
        RetryAfter = wait,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The quota of {Method} cannot be seen: Redis does not answer")]
    private partial void LogUnknown(Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} is locked by the provider: not called for {LockPeriod}")]
    private partial void LogLocked(string method, TimeSpan lockPeriod);
}

/// <summary>Takes each request's quota at the last moment before it is sent, a repeated one's too.</summary>
internal sealed class QuotaHandler(QuotaGovernor quota) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var attached = ProviderRequest.Of(request);
        return await quota.TryTakeAsync(
            attached.QuotaScope, attached.Quota, attached.Call.Tenant, attached.Call.Use, attached.Cost, cancellationToken) is { } refused
            ? throw new ProviderFailureException(refused)
            : await base.SendAsync(request, cancellationToken);
    }
}
