using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client;

/// <summary>How a channel calls.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>TLS or not, as the address says; with headers for every call. Null takes the address' word.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>The largest message in bytes that is sent; null, the default, for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The largest message in bytes that is accepted, before and after unpacking; 4 MiB by default, null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>What sends the HTTP/2 requests; a <see cref="SocketsHttpHandler"/> of the channel's own by default.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether <see cref="HttpHandler"/> is disposed with the channel. Off by default.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Whether call credentials are sent although the channel has no TLS. Off by default; without it they are left out.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>How an address is chosen and which methods are repeated; by default the first address, and none.</summary>
    public ServiceConfig? ServiceConfig { get; set; }

    /// <summary>Where the resolver of an address that is neither http nor https is found.</summary>
    public IServiceProvider? ServiceProvider { get; set; }
}
