using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>How the gateway is reached. Bound from <c>Gateway</c>; a wrong value stops the start.</summary>
internal sealed class GatewayOptions : IValidatableObject
{
    public const string Section = "Gateway";

    /// <summary>
    /// Scheme, host and port under which browsers reach this gateway. The redirect address registered at the provider begins with it, so it
    /// comes from here and never from a request's Host header.
    /// </summary>
    public string PublicUrl { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks (10.0.0.0/8). None by default.</summary>
    public IList<string> KnownProxies { get; } = [];

    /// <summary>Where gRPC is answered to API keys (HTTP/2 alone); nowhere when absent. Another one than REST's.</summary>
    public int? GrpcPort { get; set; }

    /// <summary>The address of that port. Anything but loopback is for a proxy's network, or with a certificate.</summary>
    public string GrpcAddress { get; set; } = "127.0.0.1";

    /// <summary>With it the port speaks TLS: <c>Path</c> and <c>KeyPath</c> (PEM) or <c>Path</c> and <c>Password</c> (PFX), as Kestrel's own.</summary>
    public IDictionary<string, string> GrpcCertificate { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public CorsOptions Cors { get; } = new();

    /// <summary>Whether browsers come by https: a proxy may speak http to the gateway.</summary>
    internal bool IsHttps => new Uri(PublicUrl).Scheme == Uri.UriSchemeHttps;

    internal Uri Address(string path) => new(new Uri(PublicUrl), path);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsOrigin(PublicUrl, out var publicUrl))
        {
            yield return new ValidationResult($"Gateway:PublicUrl must be scheme, host and port only, such as https://zoho.example.com; it is '{PublicUrl}'.");
        }
        else if (publicUrl.Scheme == Uri.UriSchemeHttp && !publicUrl.IsLoopback)
        {
            yield return new ValidationResult("Gateway:PublicUrl must be https, except on a loopback address: the provider sends authorization codes there.");
        }

        if (GrpcPort is < 1 or > 65535)
        {
            yield return new ValidationResult($"Gateway:GrpcPort must be from 1 to 65535, or absent; it is {GrpcPort}.");
        }

        if (!IPAddress.TryParse(GrpcAddress, out _))
        {
            yield return new ValidationResult($"Gateway:GrpcAddress must be an IP address such as 0.0.0.0; it is '{GrpcAddress}'.");
        }

        foreach (var origin in Cors.Origins.Where(origin => !IsOrigin(origin, out _)))
        {
            yield return new ValidationResult($"Gateway:Cors:Origins holds '{origin}', which is not an origin such as https://app.example.com.");
        }

        foreach (var proxy in KnownProxies.Where(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _)))
        {
            yield return new ValidationResult($"Gateway:KnownProxies holds '{proxy}', which is neither an address nor a network such as 10.0.0.0/8.");
        }
    }

    private static bool IsOrigin(string value, out Uri uri) =>
        Uri.TryCreate(value, UriKind.Absolute, out uri!)
        && uri.Scheme is "http" or "https"
        && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "" };

    internal sealed class CorsOptions
    {
        /// <summary>Origins whose pages may call the API from a browser. None by default.</summary>
        public IList<string> Origins { get; } = [];
    }
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
