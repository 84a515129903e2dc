using ZohoPlatform.Api.KeyRing;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.KeyRing;

/// <summary>The keys that all tenants' secrets are sealed with, a ring for each service that seals. Only the platform key may.</summary>
public sealed class KeyRingClient
{
    private const string Path = "api/v1/key-ring";

    private readonly GatewayCalls _calls;

    internal KeyRingClient(GatewayCalls calls) => _calls = calls;

    /// <summary>How many values each key of each ring holds, counted now. A service that is away is in the list with its failure.</summary>
    public Task<KeyRingList> GetAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Path, PlatformJson.Default.KeyRingList, cancellationToken);

    /// <summary>
    /// Makes a new data key in each ring; what older ones sealed is sealed anew in the background. An answer means that one ring at least has
    /// a new key: <see cref="KeyRingRotation.State"/> says of each whether it has.
    /// </summary>
    /// <param name="service">This service's ring alone; all where it is null.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    public Task<KeyRingRotations> RotateAsync(string? service = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        service is null ? $"{Path}/rotations" : $"{Path}/rotations?service={Uri.EscapeDataString(service)}",
        PlatformJson.Default.KeyRingRotations,
        idempotencyKey: null,
        cancellationToken);
}
