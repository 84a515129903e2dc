using Grpc.Core;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Identity;
using Contract = ZohoPlatform.Contracts.Sealing.V1;

namespace ZohoPlatform.Sealing;

/// <summary>The ring is every tenant's: no key of a tenant reaches it, only a service of the platform does.</summary>
internal sealed partial class KeyRingGrpc(Rotation rotation, ILogger<KeyRingGrpc> logger) : Contract.KeyRing.KeyRingBase
{
    public override Task<Contract.KeyRingStatus> GetStatus(Contract.GetKeyRingStatusRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        return rotation.StatusAsync(context.CancellationToken);
    }

    public override async Task<Contract.StartRotationResponse> StartRotation(Contract.StartRotationRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        var started = await rotation.StartAsync(context.CancellationToken);
        LogStarted(caller.Subject, started.Status.DataKeyId);
        return started;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller} had a new data key made: {DataKeyId} seals from now on")]
    private partial void LogStarted(string caller, string dataKeyId);
}
