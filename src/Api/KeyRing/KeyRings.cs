using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.KeyRing;

/// <summary>The keys that secrets of all tenants are sealed with: each service that seals has a ring of its own.</summary>
/// <param name="Rings">One for each service, those that did not answer too.</param>
public sealed record KeyRingList(IReadOnlyList<KeyRingStatus> Rings)
{
    public IReadOnlyList<KeyRingStatus> Rings { get; init; } = Rings ?? [];
}

/// <summary>One service's ring. Holds no key, only their ids. Where the service did not answer, nothing but why is said.</summary>
/// <param name="Service">Whose ring it is: gateway, or another one by its name, such as tokens.</param>
/// <param name="DataKeyId">Seals from now on.</param>
/// <param name="MasterKeyId">Wraps new data keys.</param>
/// <param name="SealedValues">Secrets in the service's database.</param>
/// <param name="OnOlderKeys">Those of them that are to be sealed anew; 0 when a rotation is through.</param>
/// <param name="Keys">Values by data key, the one that seals now first. A key that no value is left on is not listed.</param>
/// <param name="Failure">Why nothing is known of the ring now; absent where it is.</param>
public sealed record KeyRingStatus(
    string Service,
    string? DataKeyId,
    string? MasterKeyId,
    long? SealedValues,
    long? OnOlderKeys,
    IReadOnlyList<DataKey>? Keys,
    KeyRingFailure? Failure);

/// <summary>One data key.</summary>
/// <param name="Id">Of the key.</param>
/// <param name="SealedValues">Values that it seals.</param>
public sealed record DataKey(string Id, long SealedValues);

/// <summary>What became of a rotation, ring by ring.</summary>
/// <param name="Rings">One for each ring that was to be rotated. Look at each: one may have begun where another did not.</param>
public sealed record KeyRingRotations(IReadOnlyList<KeyRingRotation> Rings)
{
    public IReadOnlyList<KeyRingRotation> Rings { get; init; } = Rings ?? [];
}

/// <summary>What became of one ring's rotation.</summary>
/// <param name="Service">Whose ring it is.</param>
/// <param name="State">Whether it has a new key.</param>
/// <param name="DataKeyId">The new key; absent where none was made.</param>
/// <param name="PreviousDataKeyId">The key that sealed until now; absent where no other was made.</param>
/// <param name="OnOlderKeys">Values that are to be sealed anew; absent where no key was made.</param>
/// <param name="Failure">Why none was made, or why that is not known; absent where one was.</param>
public sealed record KeyRingRotation(
    string Service,
    KeyRingRotationState State,
    string? DataKeyId,
    string? PreviousDataKeyId,
    long? OnOlderKeys,
    KeyRingFailure? Failure);

/// <summary>Whether a ring has a new key.</summary>
[JsonConverter(typeof(ApiNameConverter<KeyRingRotationState>))]
public enum KeyRingRotationState
{
    /// <summary>A state that a later version has.</summary>
    Unknown,

    /// <summary>A new key seals; what older ones sealed is sealed anew in the background.</summary>
    Started,

    /// <summary>The ring is as it was.</summary>
    Refused,

    /// <summary>The service did not answer: look at the ring before asking again.</summary>
    Missing,
}

/// <summary>Why a ring has nothing to tell or was not rotated.</summary>
/// <param name="Code">As of a problem: service_unavailable, rotation_running.</param>
/// <param name="Message">For people.</param>
public sealed record KeyRingFailure(string Code, string Message);
