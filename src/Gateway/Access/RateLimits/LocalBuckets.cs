namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>Buckets of this process alone, with the same numbers: what holds while Redis is away.</summary>
internal sealed class LocalBuckets(TimeProvider clock)
{
    private const int SweepAbove = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    public BucketAnswer Take(BucketSet set)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            Sweep(now);
            var buckets = set.Buckets.Select(bucket => KeptOf($"{set.Group}:{bucket.Name}", bucket.Rule, now)).ToList();
            var allowed = buckets.All(bucket => bucket.Tokens >= 1);
            if (allowed)
            {
                buckets.ForEach(bucket => bucket.Tokens--);
            }

            return BucketAnswer.Of(allowed, set, [.. buckets.Select(bucket => bucket.Tokens)]);
        }
    }

    private Kept KeptOf(string name, BucketRule rule, long now)
    {
        if (!_kept.TryGetValue(name, out var kept))
        {
            _kept[name] = kept = new Kept(rule, now);
        }

        Fill(kept, now);
        return kept;
    }

    private void Sweep(long now)
    {
        if (_kept.Count < SweepAbove)
        {
            return;
        }

        foreach (var (name, kept) in _kept)
        {
            // a full bucket is the same as none
            Fill(kept, now);
            if (kept.Tokens >= kept.Rule.Burst)
            {
                _kept.Remove(name);
            }
        }
    }

    private void Fill(Kept kept, long now)
    {
        kept.Tokens = Math.Min(
            kept.Rule.Burst, kept.Tokens + (clock.GetElapsedTime(kept.At, now).TotalMilliseconds * kept.Rule.PerMillisecond));
        kept.At = now;
    }

    private sealed class Kept(BucketRule rule, long created)
    {
        public BucketRule Rule => rule;

        public double Tokens { get; set; } = rule.Burst;

        public long At { get; set; } = created;
    }
}
