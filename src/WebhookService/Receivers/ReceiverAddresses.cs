using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.WebhookService.Receivers;

/// <summary>
/// Which addresses may be a receiver. The URL comes from a tenant, and this process stands in a network that the tenant does not: what is not
/// public (IANA IPv4 and IPv6 Special-Purpose Address Registries) is refused, unless the settings name it.
/// </summary>
internal sealed class ReceiverAddresses(IOptions<WebhookOptions> options)
{
    private static readonly IPNetwork[] SpecialIPv4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),           // this network
        IPNetwork.Parse("10.0.0.0/8"),          // private
        IPNetwork.Parse("100.64.0.0/10"),       // carrier-grade NAT
        IPNetwork.Parse("127.0.0.0/8"),         // loopback
        IPNetwork.Parse("169.254.0.0/16"),      // link-local, and the metadata service of clouds
        IPNetwork.Parse("172.16.0.0/12"),       // private
        IPNetwork.Parse("192.0.0.0/24"),        // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"),        // documentation
        IPNetwork.Parse("192.88.99.0/24"),      // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),      // private
        IPNetwork.Parse("198.18.0.0/15"),       // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),     // documentation
        IPNetwork.Parse("203.0.113.0/24"),      // documentation
        IPNetwork.Parse("224.0.0.0/4"),         // multicast
        IPNetwork.Parse("240.0.0.0/4"),         // reserved, broadcast
    ];

    // all else in IPv6 is loopback, local, multicast or a way to write an IPv4 address
    private static readonly IPNetwork GlobalIPv6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialIPv6 =
    [
        IPNetwork.Parse("2001::/23"),           // protocol assignments, Teredo
        IPNetwork.Parse("2001:db8::/32"),       // documentation
        IPNetwork.Parse("2002::/16"),           // 6to4: an IPv4 address in disguise
        IPNetwork.Parse("3fff::/20"),           // documentation
    ];

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(IPNetwork.Parse)];
    private readonly bool _allowLoopback = options.Value.AllowLoopback;

    /// <summary>Whether it may be connected to. Without TLS only this machine may, and only where the settings say so.</summary>
    public bool Allows(IPAddress address, bool plain)
    {
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (_allowLoopback && IPAddress.IsLoopback(real))
            || (!plain && (IsPublic(real) || _allowed.Any(network => network.Contains(real))));
    }

    /// <summary>Why this URL cannot be a receiver's; null where nothing speaks against it yet. Names are looked up when they are used.</summary>
    public string? Problem(string url)
    {
        const int Longest = 500;
        if (url.Length > Longest
            || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            || !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0
            || uri.Fragment.Length > 0
            || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && _allowLoopback && uri.IsLoopback)))
        {
            return $"url must be an https address of at most {Longest} characters, without blanks, user and fragment.";
        }

        return IPAddress.TryParse(uri.DnsSafeHost, out var address) && !Allows(address, uri.Scheme == Uri.UriSchemeHttp)
            ? "url must not lead into a network that is not public; Webhooks:AllowedNetworks names those that may be used all the same."
            : null;
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily is AddressFamily.InterNetwork
        ? !SpecialIPv4.Any(network => network.Contains(address))
        : GlobalIPv6.Contains(address) && !SpecialIPv6.Any(network => network.Contains(address));
}
