using System.Threading.RateLimiting;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>How much of something a tenant may have at once in this process, so that none has all of it: more of its callers wait in turn.</summary>
/// <param name="atOnce">Of a tenant.</param>
/// <param name="waiting">How many more of a tenant's callers wait, for as long as they like.</param>
/// <param name="busy">What the next one is told.</param>
public sealed class TenantShares(int atOnce, int waiting, Failure busy) : IDisposable
{
    private readonly PartitionedRateLimiter<TenantId> _shares = PartitionedRateLimiter.Create<TenantId, TenantId>(tenant =>
        RateLimitPartition.GetConcurrencyLimiter(
            tenant,
            _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = atOnce,
                QueueLimit = waiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));

    /// <summary>One of the tenant's, until it is disposed; what it is told where too many wait.</summary>
    public async ValueTask<Result<RateLimitLease>> TakeAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var taken = await _shares.AcquireAsync(tenant, cancellationToken: cancellationToken);
        if (taken.IsAcquired)
        {
            return taken;
        }

        taken.Dispose();
        return busy;
    }

    public void Dispose() => _shares.Dispose();
}
