using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>Who asks where no key is shown, as limits count them.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address, or the /64 of an IPv6 address: whoever has one address of it has all of them.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            return "unknown";
        }

        if (address.AddressFamily is AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        var network = address.GetAddressBytes();
        network.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(network)}/64";
    }
}
