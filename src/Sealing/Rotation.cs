namespace ZohoPlatform.Sealing;

/// <summary>Which keys seal, and how far the last rotation has come.</summary>
/// <param name="DataKeyId">The key of the ring that seals now.</param>
/// <param name="MasterKeyId">The master key that wraps the ring.</param>
/// <param name="SealedValues">Of all tenants.</param>
/// <param name="OnOlderKeys">How many of them another key sealed.</param>
/// <param name="ByKey">Keys that sealed any of them, the one that seals now first.</param>
public sealed record KeyStatus(
    Guid DataKeyId, string MasterKeyId, long SealedValues, long OnOlderKeys, IReadOnlyList<(Guid Key, long Values)> ByKey);

/// <summary>The key ring of a service: asked how it is, and given a new key.</summary>
public sealed class Rotation
{
    private readonly SecretRing _ring;
    private readonly MasterKeys _masterKeys;
    private readonly Resealer _resealer;

    internal Rotation(SecretRing ring, MasterKeys masterKeys, Resealer resealer) => (_ring, _masterKeys, _resealer) = (ring, masterKeys, resealer);

    /// <summary>As it is at this moment, over all tenants.</summary>
    public Task<KeyStatus> StatusAsync(CancellationToken cancellationToken)
    {
        // by the key that another replica made a moment ago, too: without it everything would seem to be done
        _ring.Reload();
        return CountAsync(cancellationToken);
    }

    /// <summary>Makes a key that seals from now on. What older keys sealed is sealed anew in the background.</summary>
    /// <returns>Null while values are left on an older key: nothing was done.</returns>
    public async Task<KeyStatus?> StartAsync(CancellationToken cancellationToken)
    {
        if ((await StatusAsync(cancellationToken)).OnOlderKeys > 0)
        {
            return null;
        }

        _ring.AddKey();
        return await CountAsync(cancellationToken);
    }

    private async Task<KeyStatus> CountAsync(CancellationToken cancellationToken)
    {
        var values = await _resealer.CountAsync(cancellationToken);
        return new KeyStatus(new Guid(_ring.SealingKey), _masterKeys.Newest, values.All, values.OnOlderKeys, values.ByKey);
    }
}
