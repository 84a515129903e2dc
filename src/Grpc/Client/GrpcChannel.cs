using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client;

/// <summary>
/// Calls to one service over HTTP/2. Connections are opened when they are needed, shared by all calls and opened again when they break; a
/// channel is made once and kept.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly string _scheme;
    private readonly Backend? _backend;
    private readonly Backends? _backends;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _disposed = new();

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        var secure = IsSecure(address, options.Credentials);

        Address = address;
        Options = options;
        Disposed = _disposed.Token;
        SendsCallCredentials = secure || options.UnsafeUseInsecureChannelCallCredentials;
        Credentials = SendsCallCredentials ? options.Credentials?.Call : null;
        Retries = options.ServiceConfig is { } config ? new Retries(config) : null;
        _scheme = secure ? "https" : "http";

        if (address.Scheme == _scheme)
        {
            _backend = new Backend(address);
        }
        else
        {
            _backends = new Backends(
                CreateResolver(address, options, secure),
                _scheme,
                roundRobin: options.ServiceConfig?.LoadBalancingConfigs is [RoundRobinConfig, ..]);
        }

        _http = new HttpMessageInvoker(
            options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            disposeHandler: options.HttpHandler is null || options.DisposeHttpClient);
    }

    internal Uri Address { get; }

    internal GrpcChannelOptions Options { get; }

    internal bool SendsCallCredentials { get; }

    /// <summary>Of the whole channel; a call may add its own.</summary>
    internal CallCredentials? Credentials { get; }

    /// <summary>Null where nothing is repeated.</summary>
    internal Retries? Retries { get; }

    internal CancellationToken Disposed { get; }

    /// <summary>A channel with default options.</summary>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel.</summary>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>A channel with default options.</summary>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>A channel to an http or https address, or to all addresses that the resolver of another scheme finds.</summary>
    /// <exception cref="InvalidOperationException">
    /// The address and the credentials do not agree on TLS; another scheme has no credentials that decide on TLS, or no resolver.
    /// </exception>
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
        _backends?.Dispose();
        _http.Dispose();
        _disposed.Dispose();
    }

    internal string ServiceUrlOf(IMethod method) =>
        _backend is null ? $"{_scheme}://{Target}/{method.ServiceName}" : $"{_scheme}://{_backend.Address.Authority}/{method.ServiceName}";

    /// <summary>Sends a request to an address of the service.</summary>
    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IMethod method, CancellationToken cancellationToken)
    {
        if (_backend is null)
        {
            return SendBalancedAsync(_backends!, request, method, cancellationToken);
        }

        request.RequestUri = _backend.AddressOf(method);
        return _http.SendAsync(request, cancellationToken);
    }

    /// <inheritdoc />
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static bool IsSecure(Uri address, ChannelCredentials? credentials)
    {
        bool? byAddress = address.Scheme switch
        {
            "https" => true,
            "http" => false,
            _ => null,
        };

        if (byAddress is { } said && credentials is not null && credentials.IsSecure != said)
        {
            throw new InvalidOperationException($"The channel's credentials and its address '{address}' do not agree on TLS.");
        }

        return byAddress ?? credentials?.IsSecure ?? throw new InvalidOperationException(
            $"The address '{address}' does not say whether to use TLS; the channel's credentials have to.");
    }

    private static Resolver CreateResolver(Uri address, GrpcChannelOptions options, bool secure)
    {
        var factory = options.ServiceProvider?.GetServices<ResolverFactory>().FirstOrDefault(factory => factory.Name == address.Scheme)
            ?? throw new InvalidOperationException($"There is no resolver for the scheme of '{address}'.");

        return factory.Create(new ResolverOptions(address, secure ? 443 : 80, options));
    }

    /// <summary>Whether nothing of the request can have been sent, so that another address may have it.</summary>
    private static bool Unsent(Exception exception) => exception switch
    {
        HttpRequestException e => e.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        OperationCanceledException { InnerException: TimeoutException } => true,    // SocketsHttpHandler's ConnectTimeout
        _ => false,
    };

    private async Task<HttpResponseMessage> SendBalancedAsync(
        Backends backends, HttpRequestMessage request, IMethod method, CancellationToken cancellationToken)
    {
        List<Backend> tried = [];
        Exception? last = null;

        while (true)
        {
            var backend = await backends.PickAsync(tried, cancellationToken)
                ?? throw new RpcException(
                    new Status(StatusCode.Unavailable, $"None of {tried.Count} addresses could be connected to.", last));
            request.RequestUri = backend.AddressOf(method);

            try
            {
                var response = await _http.SendAsync(request, cancellationToken);
                backend.Reached();
                return response;
            }
            catch (Exception e) when (Unsent(e) && !cancellationToken.IsCancellationRequested)
            {
                backends.Unreachable(backend);
                tried.Add(backend);
                last = e;
            }
        }
    }
}
