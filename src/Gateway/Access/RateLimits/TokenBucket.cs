namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>How a bucket fills: <paramref name="PerMinute"/> tokens a minute, never more than <paramref name="Burst"/>.</summary>
internal sealed record BucketRule(int PerMinute, int Burst)
{
    public double PerMillisecond => PerMinute / 60_000.0;
}

/// <summary>What a bucket said: how many whole tokens are left, and when the next one is there (zero while there is one).</summary>
internal sealed record BucketAnswer(bool Allowed, int Remaining, TimeSpan RetryAfter)
{
    public static BucketAnswer Of(bool allowed, double tokens, BucketRule rule) => new(
        allowed,
        (int)Math.Floor(tokens),
        tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling((1 - tokens) / rule.PerMillisecond)));
}
