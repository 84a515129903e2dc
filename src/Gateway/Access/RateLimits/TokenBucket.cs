namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>
/// How a bucket fills: <paramref name="PerMinute"/> tokens a minute, never more than <paramref name="Burst"/>. <paramref name="Of"/> is what
/// it is a share of, as the header and the refusal name it: <c>key</c>, <c>owner</c>, <c>tenant</c>, <c>address</c>, <c>channel</c>.
/// </summary>
internal sealed record BucketRule(string Of, int PerMinute, int Burst)
{
    public double PerMillisecond => PerMinute / 60_000.0;
}

/// <summary>A bucket by its name, unique among those of <see cref="BucketSet"/>.</summary>
internal sealed record Bucket(string Name, BucketRule Rule);

/// <summary>Buckets that a request takes one token each of, or none: where one has nothing left, the others lose nothing.</summary>
/// <param name="Group">What they have in common: its buckets are kept in one place.</param>
/// <param name="Buckets">The narrowest first.</param>
internal sealed record BucketSet(string Group, params IReadOnlyList<Bucket> Buckets);

/// <summary>
/// What buckets said, told by the one that matters most to its caller: which it is, how many whole tokens it has left, and when its next one
/// is there (zero while there is one).
/// </summary>
internal sealed record BucketAnswer(bool Allowed, BucketRule Rule, int Remaining, TimeSpan RetryAfter)
{
    /// <param name="allowed">Whether a token was taken of each.</param>
    /// <param name="buckets">What was asked.</param>
    /// <param name="tokens">What each has now, in the same order.</param>
    public static BucketAnswer Of(bool allowed, BucketSet buckets, IReadOnlyList<double> tokens)
    {
        // of those that refuse the one that does so longest, else the one that will be empty first; the narrowest where they are alike
        var (rule, left) = buckets.Buckets.Select(bucket => bucket.Rule).Zip(tokens)
            .MinBy(bucket => allowed ? bucket.Second : -WaitOf(bucket.First, bucket.Second).TotalMilliseconds);
        return new BucketAnswer(allowed, rule, (int)Math.Floor(left), WaitOf(rule, left));
    }

    private static TimeSpan WaitOf(BucketRule rule, double tokens) =>
        tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling((1 - tokens) / rule.PerMillisecond));
}
