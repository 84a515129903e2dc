using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// Finds the replicas of <c>service:///{name}</c> in the configuration: <c>services:{name}:grpc:{n}</c>, one address for each, n from 0.
/// Reads them again when the configuration changes and when a replica cannot be reached.
/// </summary>
internal sealed class ConfiguredAddresses(IConfiguration configuration) : ResolverFactory
{
    public const string Scheme = "service";

    public override string Name => Scheme;

    /// <summary>A service's entries, in the order of their numbers.</summary>
    public static IEnumerable<IConfigurationSection> EntriesOf(IConfiguration configuration, string service) =>
        configuration.GetSection($"services:{service}:grpc").GetChildren();

    /// <summary>The address in an entry; null where it is not an http(s) address.</summary>
    public static Uri? AddressIn(IConfigurationSection entry) =>
        Uri.TryCreate(entry.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;

    public override Resolver Create(ResolverOptions options) =>
        new ConfigurationResolver(configuration, options.Address.AbsolutePath.TrimStart('/'));

    private sealed class ConfigurationResolver(IConfiguration configuration, string service) : Resolver
    {
        private Action<ResolverResult>? _listener;
        private IDisposable? _changes;

        public override void Start(Action<ResolverResult> listener)
        {
            _listener = listener;
            _changes = ChangeToken.OnChange(configuration.GetReloadToken, Refresh);
            Refresh();
        }

        public override void Refresh()
        {
            BalancerAddress[] addresses =
            [
                .. EntriesOf(configuration, service)
                    .Select(AddressIn)
                    .OfType<Uri>()
                    .Select(address => new BalancerAddress(address.Host, address.Port)),
            ];
            _listener?.Invoke(addresses.Length > 0
                ? ResolverResult.ForResult(addresses)
                : ResolverResult.ForFailure(new Status(StatusCode.Unavailable, $"No address of the service {service} is configured.")));
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            _changes?.Dispose();
        }
    }
}
