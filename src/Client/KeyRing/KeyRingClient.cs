using ZohoPlatform.Api.KeyRing;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.KeyRing;

/// <summary>The keys that all tenants' secrets are sealed with. Only the platform key may.</summary>
public sealed class KeyRingClient
{
    private const string Path = "api/v1/key-ring";

    private readonly GatewayCalls _calls;

    internal KeyRingClient(GatewayCalls calls) => _calls = calls;

    /// <summary>How many values each key holds, counted now.</summary>
    public Task<KeyRingStatus> GetAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Path, PlatformJson.Default.KeyRingStatus, cancellationToken);

    /// <summary>Makes a new data key; what older ones sealed is sealed anew in the background.</summary>
    public Task<KeyRingStatus> RotateAsync(CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Path}/rotations", PlatformJson.Default.KeyRingStatus, idempotencyKey: null, cancellationToken);
}
