using System.Collections.Concurrent;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>Buckets of this process alone, with the same numbers: what holds while Redis is away.</summary>
internal sealed class LocalBuckets(TimeProvider clock)
{
    private const int SweepAbove = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public BucketAnswer Take(string name, BucketRule rule)
    {
        if (_buckets.Count >= SweepAbove)
        {
            // a full bucket is the same as none
            foreach (var (old, bucket) in _buckets)
            {
                if (bucket.IsFull(clock))
                {
                    _buckets.TryRemove(old, out _);
                }
            }
        }

        return _buckets.GetOrAdd(name, _ => new Bucket(rule, clock.GetTimestamp())).Take(clock);
    }

    private sealed class Bucket(BucketRule rule, long created)
    {
        private readonly Lock _lock = new();
        private double _tokens = rule.Burst;
        private long _at = created;

        public BucketAnswer Take(TimeProvider clock)
        {
            lock (_lock)
            {
                Fill(clock);
                var allowed = _tokens >= 1;
                _tokens -= allowed ? 1 : 0;
                return BucketAnswer.Of(allowed, _tokens, rule);
            }
        }

        public bool IsFull(TimeProvider clock)
        {
            lock (_lock)
            {
                Fill(clock);
                return _tokens >= rule.Burst;
            }
        }

        private void Fill(TimeProvider clock)
        {
            var now = clock.GetTimestamp();
            _tokens = Math.Min(rule.Burst, _tokens + (clock.GetElapsedTime(_at, now).TotalMilliseconds * rule.PerMillisecond));
            _at = now;
        }
    }
}
