using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>
/// Counts requests per key, per owner's keys and per tenant's, per address where no key is shown, and per channel of a provider, over all
/// replicas. While Redis is away each replica counts for itself with the same numbers: a limit that is too generous for a while is better than an API that is down.
/// </summary>
internal sealed partial class RequestLimiter(
    RedisBuckets shared, LocalBuckets local, IOptions<RateLimitOptions> options, TimeProvider clock, ILogger<RequestLimiter> logger)
{
    // one request in this time finds out whether Redis is back; the others do not wait for it
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly BucketRule _key = new("key", options.Value.PerMinute, options.Value.Burst);
    private readonly BucketRule _owner = new("owner", options.Value.OwnerPerMinute, options.Value.OwnerPerMinute);
    private readonly BucketRule _tenant = new("tenant", options.Value.TenantPerMinute, options.Value.TenantPerMinute);
    private readonly BucketRule _address = new("address", options.Value.AnonymousPerMinute, options.Value.AnonymousPerMinute);

    private readonly BucketRule _channel = new("channel", options.Value.HooksPerChannel, options.Value.HooksPerChannel);
    private readonly BucketRule _hooks = new("address", options.Value.HooksPerAddress, options.Value.HooksPerAddress);

    private readonly Lock _lock = new();
    private bool _away;
    private long _askedAt;

    public Task<BucketAnswer> TakeForCallerAsync(Caller caller, CancellationToken cancellationToken) => TakeAsync(
        new BucketSet(
            caller.Tenant.ToString(),
            [
                new(caller.Subject, _key),
                .. caller.Owner is { } owner ? [new Bucket($"owner:{owner}", _owner)] : Array.Empty<Bucket>(),
                new("tenant", _tenant),
            ]),
        cancellationToken);

    /// <param name="purpose">What is asked for: who asks much for one thing has what there is for another.</param>
    /// <param name="address">Who asks, or what was brought instead.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<BucketAnswer> TakeForAddressAsync(string purpose, string address, CancellationToken cancellationToken) =>
        TakeAsync(new BucketSet($"anonymous:{address}", new Bucket(purpose, _address)), cancellationToken);

    /// <summary>For a provider that calls by itself. Whoever knows a channel's id has none of what others have for it at their address.</summary>
    /// <param name="channel">What is called.</param>
    /// <param name="address">Who calls.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<BucketAnswer> TakeForChannelAsync(string channel, string address, CancellationToken cancellationToken) =>
        TakeAsync(new BucketSet($"hooks:{address}", new Bucket($"channel:{channel}", _channel), new Bucket("all", _hooks)), cancellationToken);

    public static Failure TooMany(BucketAnswer answer) => new(
        FailureKind.RateLimited,
        "too_many_requests",
        $"{WhoOf(answer.Rule)} asks too much in a short time ({answer.Rule.PerMinute} a minute are let in): "
            + "wait as long as Retry-After says.")
    {
        RetryAfter = answer.RetryAfter,
    };

    private static string WhoOf(BucketRule rule) => rule.Of switch
    {
        "owner" => "The owner of this key, with all of their keys,",
        "tenant" => "The tenant of this key, with all of its keys,",
        _ => $"This {rule.Of}",
    };

    private async Task<BucketAnswer> TakeAsync(BucketSet set, CancellationToken cancellationToken)
    {
        if (!MayAskRedis())
        {
            return local.Take(set);
        }

        try
        {
            var answer = await shared.TakeAsync(set, cancellationToken);
            Note(away: false, null);
            return answer;
        }
        catch (RedisUnavailableException e)
        {
            Note(away: true, e);
            return local.Take(set);
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
