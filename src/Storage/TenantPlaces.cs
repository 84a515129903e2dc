using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// A tenant's places at a pool of requests: half of its connections at most, so that whoever asks for very much, or for what takes long, leaves
/// the others some. More of its requests wait for their turn, as long as their callers do, without a connection.
/// </summary>
internal sealed class TenantPlaces : IDisposable
{
    // of a tenant, for each connection that it may have
    private const int WaitingForEach = 500;

    private static readonly Failure Busy = new(
        FailureKind.RateLimited, "tenant_busy", "Very much of this tenant is looked up and changed at this moment: ask again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private readonly TenantShares _places;

    /// <param name="connections">Of the pool.</param>
    public TenantPlaces(int connections)
    {
        var share = Math.Max(1, connections / 2);
        _places = new TenantShares(share, share * WaitingForEach, Busy);
    }

    /// <summary>A place, until it is disposed.</summary>
    /// <exception cref="Grpc.Core.RpcException">Too many of the tenant's requests wait for one (RESOURCE_EXHAUSTED, tenant_busy).</exception>
    public async ValueTask<IDisposable> TakeAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await _places.TakeAsync(tenant, cancellationToken)).OrThrow();

    public void Dispose() => _places.Dispose();
}
