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

    private readonly TenantShares _turns = new(AtOnce, Waiting, Busy);

    /// <summary>A turn, until it is disposed; null for what is no search.</summary>
    /// <exception cref="Grpc.Core.RpcException">Too many of the tenant's wait for one (RESOURCE_EXHAUSTED, search_busy).</exception>
    public async Task<IDisposable?> TakeAsync(TenantId tenant, bool isSearch, CancellationToken cancellationToken) =>
        isSearch ? (await _turns.TakeAsync(tenant, cancellationToken)).OrThrow() : null;

    public void Dispose() => _turns.Dispose();
}
