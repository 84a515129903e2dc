using System.Collections.Concurrent;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// Calls to one address over HTTP/2. Connections are opened when they are needed, shared by all calls and opened again when they break; a
/// channel is made once and kept.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly Uri _address;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ConcurrentDictionary<string, Uri> _methodAddresses = new(StringComparer.Ordinal);

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        IsSecure = SecureScheme(address);
        _address = address;
        Options = options;
        Disposed = _disposed.Token;
        SendsCallCredentials = IsSecure || options.UnsafeUseInsecureChannelCallCredentials;
        Credentials = SendsCallCredentials ? options.Credentials?.Call : null;
        _http = new HttpMessageInvoker(
            options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            disposeHandler: options.HttpHandler is null || options.DisposeHttpClient);

        if (options.Credentials is { } credentials && credentials.IsSecure != IsSecure)
        {
            throw new InvalidOperationException($"The channel's credentials and its address '{address}' do not agree on TLS.");
        }
    }

    internal GrpcChannelOptions Options { get; }

    internal bool IsSecure { get; }

    internal bool SendsCallCredentials { get; }

    /// <summary>Of the whole channel; a call may add its own.</summary>
    internal CallCredentials? Credentials { get; }

    internal CancellationToken Disposed { get; }

    /// <summary>A channel with default options.</summary>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel.</summary>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>A channel with default options.</summary>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel.</summary>
    /// <exception cref="InvalidOperationException">The address and the credentials do not agree on TLS.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc />
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(Disposed.IsCancellationRequested, this);
        return new HttpClientCallInvoker(this);
    }

    /// <summary>Ends the channel; calls that still run end as CANCELLED.</summary>
    public void Dispose()
    {
        if (Disposed.IsCancellationRequested)
        {
            return;
        }

        _disposed.Cancel();
        _http.Dispose();
        _disposed.Dispose();
    }

    internal Uri AddressOf(IMethod method) =>
        _methodAddresses.GetOrAdd(method.FullName, static (path, address) => new Uri(address, path), _address);

    internal string ServiceUrlOf(IMethod method) => $"{_address.Scheme}://{_address.Authority}/{method.ServiceName}";

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    /// <inheritdoc />
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static bool SecureScheme(Uri address) => address.Scheme switch
    {
        "https" => true,
        "http" => false,
        _ => throw new ArgumentException($"The scheme of '{address}' is neither http nor https.", nameof(address)),
    };
}
