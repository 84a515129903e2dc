namespace ZohoPlatform.Api.KeyRing;

/// <summary>The keys that client secrets and tokens of all tenants are sealed with. Holds no key, only their ids.</summary>
/// <param name="DataKeyId">Seals from now on.</param>
/// <param name="MasterKeyId">Wraps new data keys.</param>
/// <param name="SealedValues">Client secrets, refresh tokens and access tokens in the database.</param>
/// <param name="OnOlderKeys">Those of them that are to be sealed anew; 0 when a rotation is through.</param>
/// <param name="Keys">Values by data key, the one that seals now first. A key that no value is left on is not listed.</param>
public sealed record KeyRingStatus(string DataKeyId, string MasterKeyId, long SealedValues, long OnOlderKeys, IReadOnlyList<DataKey> Keys)
{
    public IReadOnlyList<DataKey> Keys { get; init; } = Keys ?? [];
}

/// <summary>One data key.</summary>
/// <param name="Id">Of the key.</param>
/// <param name="SealedValues">Values that it seals.</param>
public sealed record DataKey(string Id, long SealedValues);
