using Grpc.Core;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using KeyRingClient = ZohoPlatform.Contracts.Sealing.V1.KeyRing.KeyRingClient;

namespace ZohoPlatform.Gateway.KeyRing;

/// <summary>One service's key ring.</summary>
internal abstract class Ring(string service)
{
    /// <summary>Both count the values of all tenants, which takes its time where there are many.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public string Service => service;

    public abstract Task<KeyRingStatus> StatusAsync(CancellationToken cancellationToken);

    /// <summary>Goes on when who asked for it has left: a key that was made must be told of.</summary>
    public abstract Task<StartRotationResponse> StartAsync();
}

/// <summary>The gateway's own, in its database.</summary>
internal sealed class OwnRing(Rotation rotation) : Ring(ServiceCalls.Service)
{
    public override Task<KeyRingStatus> StatusAsync(CancellationToken cancellationToken) => OrAwayAsync(() => rotation.StatusAsync(cancellationToken));

    public override Task<StartRotationResponse> StartAsync() => OrAwayAsync(() => rotation.StartAsync(CancellationToken.None));

    // as a service tells it
    private static async Task<T> OrAwayAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            throw StorageOutage.Failure.ToRpcException();
        }
    }
}

/// <summary>A service's, over its contract.</summary>
internal sealed class ServiceRing(string service, KeyRingClient ring, ServiceCalls calls) : Ring(service)
{
    public override Task<KeyRingStatus> StatusAsync(CancellationToken cancellationToken) =>
        ring.GetStatusAsync(new(), Options(cancellationToken)).ResponseAsync;

    public override Task<StartRotationResponse> StartAsync() => ring.StartRotationAsync(new(), Options(CancellationToken.None)).ResponseAsync;

    private CallOptions Options(CancellationToken cancellationToken) =>
        calls.AsItself(TenantId.None, cancellationToken).WithDeadline(CallDeadline.In(Limit));
}
