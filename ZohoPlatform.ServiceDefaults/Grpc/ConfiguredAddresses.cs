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
    private const string Scheme = "service";
    private const string DnsScheme = "dns";

    public override string Name => Scheme;

    /// <summary>What a channel to <paramref name="service"/> is made for, and whether with TLS.</summary>
    /// <exception cref="InvalidOperationException">No address is configured, or one cannot be used.</exception>
    public static (Uri Target, bool Secure) Of(IConfiguration configuration, string service)
    {
        var entries = EntriesOf(configuration, service).ToList();
        if (entries is [var only] && NameIn(only) is { } name)
        {
            return (name, Secure: false);
        }

        return entries.Count == 0 ? throw Unusable($"services:{service}:grpc:0 is missing")
            : entries.Find(entry => AddressIn(entry) is null) is { } wrong
                ? throw Unusable($"{wrong.Path} is neither an http(s) address nor, as the only one, dns:///host:port")
            : (new Uri($"{Scheme}:///{service}"), Secure: AddressIn(entries[0])!.Scheme == Uri.UriSchemeHttps);

        InvalidOperationException Unusable(string what) =>
            new($"{what}: set services__{service}__grpc__0 to the gRPC address of that service.");
    }

    public override Resolver Create(ResolverOptions options) =>
        new ConfigurationResolver(configuration, options.Address.AbsolutePath.TrimStart('/'));

    private static IEnumerable<IConfigurationSection> EntriesOf(IConfiguration configuration, string service) =>
        configuration.GetSection($"services:{service}:grpc").GetChildren();

    private static Uri? AddressIn(IConfigurationSection entry) =>
        Uri.TryCreate(entry.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;

    // three slashes: what stands behind two is the DNS server to ask, which Grpc.Net.Client does not support
    private static Uri? NameIn(IConfigurationSection entry) =>
        Uri.TryCreate(entry.Value, UriKind.Absolute, out var target) && target is { Scheme: DnsScheme, Host: "" }
            && Uri.TryCreate($"{Uri.UriSchemeHttp}:/{target.AbsolutePath}", UriKind.Absolute, out var address)
            && address is { PathAndQuery: "/", Port: > 0 } && target.AbsolutePath.EndsWith($":{address.Port}", StringComparison.Ordinal)
            ? target
            : null;

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
