using System.Threading.RateLimiting;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>Who may have how many of something open, with all of it that <paramref name="nameOf"/> gives the same name.</summary>
/// <param name="who">As a refusal begins.</param>
/// <param name="nameOf">Null: it is bounded by others alone.</param>
/// <param name="most">How many.</param>
internal sealed class Share<T>(string who, Func<T, string?> nameOf, int most) : IDisposable
{
    private readonly PartitionedRateLimiter<T> _limiter = PartitionedRateLimiter.Create<T, string>(one => nameOf(one) is { } name
        ? RateLimitPartition.GetConcurrencyLimiter(name, _ => new ConcurrencyLimiterOptions { PermitLimit = most })
        : RateLimitPartition.GetNoLimiter(""));

    public string Who => who;

    public int Most => most;

    public RateLimitLease Take(T one) => _limiter.AttemptAcquire(one);

    public void Dispose() => _limiter.Dispose();
}

/// <summary>Shares that are all taken, or none. Not a chained limiter, which does not tell which one is taken up.</summary>
internal sealed class Shares<T>(string what, TimeSpan againAfter, params IReadOnlyList<Share<T>> shares) : IDisposable
{
    public OpenStream Open(T one)
    {
        var open = new OpenStream();
        foreach (var share in shares)
        {
            var lease = share.Take(one);
            open.Add(lease);
            if (!lease.IsAcquired)
            {
                open.Dispose();
                return new OpenStream
                {
                    Refusal = new Failure(
                        FailureKind.RateLimited,
                        $"too_many_{what}",
                        $"{share.Who} has as many {what} open as it may ({share.Most}): end one, or try again shortly.")
                    {
                        RetryAfter = againAfter,
                    },
                };
            }
        }

        return open;
    }

    public void Dispose()
    {
        foreach (var share in shares)
        {
            share.Dispose();
        }
    }
}

/// <summary>What is open until it is disposed, or why it is not.</summary>
internal sealed class OpenStream : IDisposable
{
    private readonly List<RateLimitLease> _leases = [];

    public Failure? Refusal { get; init; }

    public void Add(RateLimitLease lease) => _leases.Add(lease);

    public void Dispose() => _leases.ForEach(lease => lease.Dispose());
}
