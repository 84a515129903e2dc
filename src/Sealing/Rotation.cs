using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Sealing;

/// <summary>The key ring of a service: asked how it is, and given a new key.</summary>
public sealed class Rotation
{
    private static readonly Failure Running = new(
        FailureKind.Precondition,
        "rotation_running",
        "Values are left on an older key: the next rotation can start when they are sealed anew.");

    private readonly SecretRing _ring;
    private readonly MasterKeys _masterKeys;
    private readonly Resealer _resealer;

    internal Rotation(SecretRing ring, MasterKeys masterKeys, Resealer resealer) => (_ring, _masterKeys, _resealer) = (ring, masterKeys, resealer);

    /// <summary>As it is at this moment, over all tenants.</summary>
    public async Task<KeyRingStatus> StatusAsync(CancellationToken cancellationToken)
    {
        // by the key that another replica made a moment ago, too: without it everything would seem to be done
        _ring.Reload();
        var values = await _resealer.CountAsync(cancellationToken);
        return new KeyRingStatus
        {
            DataKeyId = SealingKey(),
            MasterKeyId = _masterKeys.Newest,
            SealedValues = values.All,
            OnOlderKeys = values.OnOlderKeys,
            Keys = { values.ByKey.Select(key => new DataKey { Id = key.Key.ToString(), SealedValues = key.Values }) },
        };
    }

    /// <summary>Makes a key that seals from now on. What older keys sealed is sealed anew in the background.</summary>
    /// <exception cref="Grpc.Core.RpcException">
    /// <c>rotation_running</c>: values are left on an older key, and nothing was done.
    /// </exception>
    public async Task<StartRotationResponse> StartAsync(CancellationToken cancellationToken)
    {
        var before = await StatusAsync(cancellationToken);
        if (before.OnOlderKeys > 0)
        {
            throw Running.ToRpcException();
        }

        // nothing takes long from here on: whoever had the patience for the count is told of the key
        cancellationToken.ThrowIfCancellationRequested();
        _ring.AddKey();
        var status = before.Clone();
        (status.DataKeyId, status.OnOlderKeys) = (SealingKey(), before.SealedValues);
        return new StartRotationResponse { Status = status, PreviousDataKeyId = before.DataKeyId };
    }

    private string SealingKey() => new Guid(_ring.SealingKey).ToString();
}
