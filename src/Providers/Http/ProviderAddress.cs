using Microsoft.Extensions.Options;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Where a provider's address leads: to the provider, or to the same path on the simulator (<c>{SimulatorUrl}/{host}/...</c>).
/// Clients always write <c>https://{host}/...</c> and do not know which.
/// </summary>
public sealed class ProviderAddress(IOptions<ProvidersOptions> options)
{
    private readonly string? _simulator = options.Value.SimulatorUrl?.AbsoluteUri.TrimEnd('/');

    /// <summary>The address that a person's browser has to open to reach the provider page <paramref name="address"/>.</summary>
    public Uri ForBrowser(Uri address) => Resolve(address);

    internal Uri Resolve(Uri address) => _simulator is null ? address : new Uri($"{_simulator}/{address.Host}{address.PathAndQuery}");
}
