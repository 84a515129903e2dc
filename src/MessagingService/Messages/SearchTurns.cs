using System.Threading.RateLimiting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>
/// A tenant's turns at searching: a search looks through all of its texts, and must keep neither the connections nor the cores of the database from the messages
/// that come in meanwhile.
/// </summary>
internal sealed class SearchTurns : IDisposable
{
    private const int AtOnce = 2;
    private const int Waiting = 10;

    private static readonly Failure Busy = new(
        FailureKind.RateLimited, "search_busy", "Much is searched for in this tenant at this moment: ask again shortly, or without a query.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private readonly PartitionedRateLimiter<TenantId> _turns = PartitionedRateLimiter.Create<TenantId, TenantId>(tenant =>
        RateLimitPartition.GetConcurrencyLimiter(
            tenant,
            _ => new ConcurrencyLimiterOptions { PermitLimit = AtOnce, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));

    /// <summary>A turn, until it is disposed; null for what is no search.</summary>
    /// <exception cref="Grpc.Core.RpcException">Too many of the tenant's wait for one (RESOURCE_EXHAUSTED, search_busy).</exception>
    public async Task<IDisposable?> TakeAsync(TenantId tenant, bool isSearch, CancellationToken cancellationToken)
    {
        if (!isSearch)
        {
            return null;
        }

        var turn = await _turns.AcquireAsync(tenant, cancellationToken: cancellationToken);
        if (turn.IsAcquired)
        {
            return turn;
        }

        turn.Dispose();
        throw Busy.ToRpcException();
    }

    public void Dispose() => _turns.Dispose();
}
