using System.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Keeps every replica together below the number of calls that a provider works on at once. A call holds a place in Redis until its answer
/// has begun, or for <see cref="PlaceIsHeldFor"/> where its process died. Time is Redis' own.
/// </summary>
/// <remarks>
/// Places are free again within moments, and what is closed opens within two seconds, so a call waits: <see cref="LongestWait"/> at most.
/// </remarks>
public sealed partial class ConcurrencyGovernor(RedisServer redis, ILogger<ConcurrencyGovernor> logger)
{
    /// <summary>Longer than an attempt of a call lasts.</summary>
    public static readonly TimeSpan PlaceIsHeldFor = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    private static readonly Failure Full = new(
        FailureKind.RateLimited,
        "concurrency_reached",
        "The provider works on as many calls of this organisation as it takes at once; the call is made once one of them has ended.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private static readonly Failure Unknown = new(
        FailureKind.Unavailable,
        "quota_unknown",
        "The platform cannot see how many calls the provider works on, and waits until it can.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    // KEYS: until when it is closed, the places of each kind. ARGV: the call, how long it holds its place (ms), the limit of each kind.
    // Answers {0} where the call has its places, else the milliseconds until it may ask again.
    private const string EnterScript = """
        local closed = redis.call('PTTL', KEYS[1])
        if closed > 0 then return closed end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        for kind = 2, #KEYS do
            redis.call('ZREMRANGEBYSCORE', KEYS[kind], '-inf', now)
            if redis.call('ZCARD', KEYS[kind]) >= tonumber(ARGV[kind + 1]) then return -1 end
        end
        for kind = 2, #KEYS do
            redis.call('ZADD', KEYS[kind], now + ARGV[2], ARGV[1])
            redis.call('PEXPIRE', KEYS[kind], ARGV[2])
        end
        return 0
        """;

    /// <summary>
    /// Waits for a place in all of <paramref name="limits"/> and brings what gives it back: <c>concurrency_reached</c> (RateLimited) where
    /// none was free in time, <c>quota_unknown</c> (Unavailable) where Redis does not answer.
    /// </summary>
    public async Task<Result<ConcurrencyPlace>> EnterAsync(
        string scope, IReadOnlyList<ConcurrencyLimit> limits, CancellationToken cancellationToken)
    {
        var place = new ConcurrencyPlace(Guid.NewGuid().ToString("N"), [.. limits.Select(limit => PlacesKey(scope, limit))]);
        RedisKey[] keys = [ClosedKey(scope), .. place.Keys];
        RedisValue[] values =
            [place.Id, (long)PlaceIsHeldFor.TotalMilliseconds, .. limits.Select(limit => (RedisValue)limit.Calls)];
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            long answer;
            try
            {
                answer = (long)await redis.AskAsync(
                    database => database.ScriptEvaluateAsync(EnterScript, keys, values), cancellationToken);
            }
            catch (RedisUnavailableException e)
            {
                LogUnknown(e);
                return Unknown;
            }

            if (answer == 0)
            {
                return place;
            }

            var pause = answer > 0 ? TimeSpan.FromMilliseconds(answer) : TimeSpan.FromMilliseconds(Random.Shared.Next(20, 120));
            if (waiting.Elapsed + pause > LongestWait)
            {
                return Full;
            }

            // Redis' time, not the service's
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Gives a place back; it is free by itself after a while where Redis is not told.</summary>
    public async Task LeaveAsync(ConcurrencyPlace place)
    {
        try
        {
            foreach (var key in place.Keys)
            {
                await redis.AskAsync(database => database.SortedSetRemoveAsync(key, place.Id), CancellationToken.None);
            }
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
        }
    }

    /// <summary>Nobody begins a call for <paramref name="time"/>: the provider has said that there were too many.</summary>
    public async Task CloseAsync(string scope, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await redis.AskAsync(database => database.StringSetAsync(ClosedKey(scope), 1, time), cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            LogUnknown(e);
        }
    }

    private static RedisKey ClosedKey(string scope) => $"quota:{{{scope}:concurrency}}:closed";

    private static RedisKey PlacesKey(string scope, ConcurrencyLimit limit) =>
        $"quota:{{{scope}:concurrency}}:{limit.Name}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "How many calls are under way cannot be seen: Redis does not answer")]
    private partial void LogUnknown(Exception exception);
}

/// <summary>At most <paramref name="Calls"/> of a kind at once.</summary>
/// <param name="Name">The kind, unique within a provider; part of the key in Redis.</param>
/// <param name="Calls">What the provider works on at once.</param>
public sealed record ConcurrencyLimit(string Name, int Calls);

/// <summary>What a call holds while it is under way.</summary>
public sealed class ConcurrencyPlace
{
    internal ConcurrencyPlace(string id, IReadOnlyList<RedisKey> keys) => (Id, Keys) = (id, keys);

    internal string Id { get; }

    internal IReadOnlyList<RedisKey> Keys { get; }
}

/// <summary>Has each request wait for its place, a repeated one too.</summary>
internal sealed class ConcurrencyHandler(ConcurrencyGovernor concurrency) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var attached = ProviderRequest.Of(request);
        var entered = await concurrency.EnterAsync(attached.QuotaScope, attached.Concurrency, cancellationToken);
        if (!entered.Succeeded(out var place, out var full))
        {
            throw new ProviderFailureException(full);
        }

        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            await concurrency.LeaveAsync(place);
        }
    }
}
