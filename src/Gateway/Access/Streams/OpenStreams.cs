using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>
/// How many streams are open at this replica: of one key, of one owner's keys, of one tenant's, and from one address without a key. Each
/// has less than what it is part of, so that none keeps the others out.
/// </summary>
internal sealed class OpenStreams(IOptions<RateLimitOptions> options) : IDisposable
{
    public static readonly Failure TooMany = new(
        FailureKind.RateLimited, "too_many_streams", "Too many streams are open already: end one, or try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private readonly PartitionedRateLimiter<Caller> _ofCallers = PartitionedRateLimiter.CreateChained(
        Limit<Caller>(caller => caller.Subject, options.Value.StreamsPerKey),
        Limit<Caller>(caller => caller.Owner is { } owner ? $"{caller.Tenant}/{owner}" : null, options.Value.StreamsPerOwner),
        Limit<Caller>(caller => caller.Tenant.ToString(), options.Value.StreamsPerTenant));

    private readonly PartitionedRateLimiter<string> _ofAddresses = Limit<string>(address => address, options.Value.StreamsPerAddress);

    /// <summary>One more, until it is disposed; not acquired where there are enough.</summary>
    public RateLimitLease Open(Caller caller) => _ofCallers.AttemptAcquire(caller);

    /// <summary>The same for an address that shows no key.</summary>
    public RateLimitLease Open(string address) => _ofAddresses.AttemptAcquire(address);

    public void Dispose()
    {
        _ofCallers.Dispose();
        _ofAddresses.Dispose();
    }

    private static PartitionedRateLimiter<T> Limit<T>(Func<T, string?> nameOf, int most) => PartitionedRateLimiter.Create<T, string>(one =>
        nameOf(one) is { } name
            ? RateLimitPartition.GetConcurrencyLimiter(name, _ => new ConcurrencyLimiterOptions { PermitLimit = most })
            : RateLimitPartition.GetNoLimiter(""));
}
