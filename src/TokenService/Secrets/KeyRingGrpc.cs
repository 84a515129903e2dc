using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>The ring is every tenant's: no key of a tenant reaches it, only a service of the platform does.</summary>
internal sealed partial class KeyRingGrpc(Rotation rotation, ILogger<KeyRingGrpc> logger) : KeyRing.KeyRingBase
{
    private static readonly Failure Running = new(
        FailureKind.Precondition,
        "rotation_running",
        "Values are left on an older key: the next rotation can start when they are sealed anew.");

    public override async Task<KeyRingStatus> GetStatus(GetKeyRingStatusRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        return Show(await rotation.StatusAsync(context.CancellationToken));
    }

    public override async Task<KeyRingStatus> StartRotation(StartRotationRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        var status = await rotation.StartAsync(context.CancellationToken) ?? throw Running.ToRpcException();
        LogStarted(caller.Subject, status.DataKeyId);
        return Show(status);
    }

    private static KeyRingStatus Show(KeyStatus status) => new()
    {
        DataKeyId = status.DataKeyId.ToString(),
        SealedValues = status.SealedValues,
        OnOlderKeys = status.OnOlderKeys,
        MasterKeyId = status.MasterKeyId,
        Keys = { status.ByKey.Select(key => new DataKey { Id = key.Key.ToString(), SealedValues = key.Values }) },
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller} had a new data key made: {DataKeyId} seals from now on")]
    private partial void LogStarted(string caller, Guid dataKeyId);
}
