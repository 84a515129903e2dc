using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>The ring is every tenant's: no key of a tenant reaches it, only a service of the platform does.</summary>
internal sealed partial class KeyRingGrpcService(
    SecretRing ring, MasterKeys masterKeys, Resealer resealer, ILogger<KeyRingGrpcService> logger)
    : Contracts.Tokens.V1.KeyRing.KeyRingBase
{
    private static readonly Failure Running = new(
        FailureKind.Precondition,
        "rotation_running",
        "Values are left on an older key: the next rotation can start when they are sealed anew.");

    public override Task<KeyRingStatus> GetStatus(GetKeyRingStatusRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        // by the key that another replica made a moment ago, too: without it everything would seem to be done
        ring.Reload();
        return StatusAsync(context.CancellationToken);
    }

    public override async Task<KeyRingStatus> StartRotation(StartRotationRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        ring.Reload();
        if ((await resealer.CountAsync(context.CancellationToken)).OnOlderKeys > 0)
        {
            throw Running.ToRpcException();
        }

        ring.AddKey();
        LogStarted(caller.Subject, new Guid(ring.SealingKey));
        return await StatusAsync(context.CancellationToken);
    }

    private async Task<KeyRingStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var values = await resealer.CountAsync(cancellationToken);
        return new KeyRingStatus
        {
            DataKeyId = new Guid(ring.SealingKey).ToString(),
            SealedValues = values.All,
            OnOlderKeys = values.OnOlderKeys,
            MasterKeyId = masterKeys.Newest,
            Keys = { values.ByKey.Select(key => new DataKey { Id = key.Key.ToString(), SealedValues = key.Values }) },
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller} had a new data key made: {DataKeyId} seals from now on")]
    private partial void LogStarted(string caller, Guid dataKeyId);
}
