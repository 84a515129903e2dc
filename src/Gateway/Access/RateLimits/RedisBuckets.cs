using System.Globalization;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>Buckets that all replicas take from. Redis' own clock fills them, so replicas whose clocks differ agree.</summary>
internal sealed class RedisBuckets(RedisServer redis)
{
    // a bucket is forgotten once it would be full again
    private const string Script =
        """
        local per_ms = tonumber(ARGV[1])
        local burst = tonumber(ARGV[2])
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens = tonumber(bucket[1]) or burst
        local at = tonumber(bucket[2]) or now
        tokens = math.min(burst, tokens + math.max(0, now - at) * per_ms)
        local allowed = 0
        if tokens >= 1 then
            allowed = 1
            tokens = tokens - 1
        end
        redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
        redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / per_ms) + 1000)
        return { allowed, tostring(tokens) }
        """;

    /// <summary>Takes a token.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer.</exception>
    public async Task<BucketAnswer> TakeAsync(string name, BucketRule rule, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await redis.AskAsync(
            database => database.ScriptEvaluateAsync(
                Script,
                [$"{{gateway:bucket:{name}}}"],
                [rule.PerMillisecond.ToString("R", CultureInfo.InvariantCulture), rule.Burst]),
            cancellationToken))!;
        return BucketAnswer.Of((int)answer[0] == 1, double.Parse((string)answer[1]!, CultureInfo.InvariantCulture), rule);
    }
}
