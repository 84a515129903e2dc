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
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local tokens = {}
        local allowed = 1
        for i, key in ipairs(KEYS) do
            local per_ms = tonumber(ARGV[2 * i - 1])
            local burst = tonumber(ARGV[2 * i])
            local bucket = redis.call('HMGET', key, 'tokens', 'at')
            local at = tonumber(bucket[2]) or now
            tokens[i] = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, now - at) * per_ms)
            if tokens[i] < 1 then
                allowed = 0
            end
        end
        for i, key in ipairs(KEYS) do
            if allowed == 1 then
                tokens[i] = tokens[i] - 1
                redis.call('HSET', key, 'tokens', tostring(tokens[i]), 'at', now)
                redis.call('PEXPIRE', key, math.ceil((tonumber(ARGV[2 * i]) - tokens[i]) / tonumber(ARGV[2 * i - 1])) + 1000)
            end
            tokens[i] = tostring(tokens[i])
        end
        table.insert(tokens, 1, allowed)
        return tokens
        """;

    /// <summary>Takes a token of each, or of none.</summary>
    /// <exception cref="RedisUnavailableException">Redis is down or did not answer.</exception>
    public async Task<BucketAnswer> TakeAsync(BucketSet set, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await redis.AskAsync(
            database => database.ScriptEvaluateAsync(
                Script,
                [.. set.Buckets.Select(bucket => (RedisKey)$"{{gateway:bucket:{set.Group}}}:{bucket.Name}")],
                [.. set.Buckets.SelectMany(bucket => (RedisValue[])
                    [bucket.Rule.PerMillisecond.ToString("R", CultureInfo.InvariantCulture), bucket.Rule.Burst])]),
            cancellationToken))!;
        return BucketAnswer.Of(
            (int)answer[0] == 1, set, [.. answer.Skip(1).Select(tokens => double.Parse((string)tokens!, CultureInfo.InvariantCulture))]);
    }
}
