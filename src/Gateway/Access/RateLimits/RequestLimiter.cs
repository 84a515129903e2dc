using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>
/// Counts requests per key, and per address where no key is shown, over all replicas. While Redis is away each replica counts for itself
/// with the same numbers: a limit that is too generous for a while is better than an API that is down.
/// </summary>
internal sealed partial class RequestLimiter(
    RedisBuckets shared, LocalBuckets local, IOptions<RateLimitOptions> options, TimeProvider clock, ILogger<RequestLimiter> logger)
{
    // one request in this time finds out whether Redis is back; the others do not wait for it
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly BucketRule _perKey = new(options.Value.PerMinute, options.Value.Burst);
    private readonly BucketRule _anonymous = new(options.Value.AnonymousPerMinute, options.Value.AnonymousPerMinute);

    private readonly Lock _lock = new();
    private bool _away;
    private long _askedAt;

    public int PerMinute => _perKey.PerMinute;

    public Task<BucketAnswer> TakeForKeyAsync(string subject, CancellationToken cancellationToken) =>
        TakeAsync(subject, _perKey, cancellationToken);

    public Task<BucketAnswer> TakeForAddressAsync(string address, CancellationToken cancellationToken) =>
        TakeAsync($"anonymous:{address}", _anonymous, cancellationToken);

    public static Failure TooMany(BucketAnswer answer) => new(
        FailureKind.RateLimited, "too_many_requests", "Too many requests in a short time: wait as long as Retry-After says.")
    {
        RetryAfter = answer.RetryAfter,
    };

    private async Task<BucketAnswer> TakeAsync(string name, BucketRule rule, CancellationToken cancellationToken)
    {
        if (!MayAskRedis())
        {
            return local.Take(name, rule);
        }

        try
        {
            var answer = await shared.TakeAsync(name, rule, cancellationToken);
            Note(away: false, null);
            return answer;
        }
        catch (RedisUnavailableException e)
        {
            Note(away: true, e);
            return local.Take(name, rule);
        }
    }

    private bool MayAskRedis()
    {
        lock (_lock)
        {
            if (_away && clock.GetElapsedTime(_askedAt) < AskAgainAfter)
            {
                return false;
            }

            _askedAt = clock.GetTimestamp();
            return true;
        }
    }

    private void Note(bool away, Exception? exception)
    {
        lock (_lock)
        {
            if (_away == away)
            {
                return;
            }

            _away = away;
        }

        if (away)
        {
            LogAway(exception);
        }
        else
        {
            LogBack();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer: until it is back, rate limits are counted per replica")]
    private partial void LogAway(Exception? exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis is back: rate limits are counted over all replicas again")]
    private partial void LogBack();
}
