using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.AspNetCore.Server.Features;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// One call on the server, from its request to its status. The deadline may end it while the handler still runs; a lock decides which of
/// the two writes the status, and whoever comes second writes nothing.
/// </summary>
internal sealed partial class HttpServerCall : ServerCallContext, IServerCallContextFeature
{
    private static readonly Status PastDeadline = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    private readonly IMethod _method;
    private readonly GrpcServiceOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();

    private readonly long _startedAt = ServerTelemetry.Now();

    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private Status _status;
    private MessageWriter? _messages;
    private string? _responseEncoding;
    private CancellationTokenSource? _canceled;
    private CancellationToken _canceledToken;
    private ITimer? _timer;
    private DateTime _deadline = DateTime.MaxValue;
    private Task _expiry = Task.CompletedTask;
    private bool _ended;
    private bool _expired;
    private bool _writing;
    private bool _answered;
    private bool _requestEnded;
    private bool _gone;

    private HttpServerCall(HttpContext http, IMethod method, GrpcServiceOptions options, ILogger logger)
    {
        Http = http;
        _method = method;
        _options = options;
        _logger = logger;
    }

    public HttpContext Http { get; }

    ServerCallContext IServerCallContextFeature.ServerCallContext => this;

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => Http.Request.Host.Value ?? "";

    protected override string PeerCore => Http.Connection.RemoteIpAddress switch
    {
        null => "unknown",
        { AddressFamily: AddressFamily.InterNetwork } ip => $"ipv4:{new IPEndPoint(ip, Http.Connection.RemotePort)}",
        var ip => $"ipv6:{new IPEndPoint(ip, Http.Connection.RemotePort)}",
    };

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override CancellationToken CancellationTokenCore => _canceled is null ? Http.RequestAborted : _canceledToken;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => _authContext ??= ReadAuthContext();

    private MessageWriter Messages => _messages ??= new(Http.Response.BodyWriter, _options.MaxSendMessageSize)
    {
        Level = _options.ResponseCompressionLevel ?? System.IO.Compression.CompressionLevel.Fastest,
    };

    private bool Compresses => _responseEncoding is not null && WriteOptions?.Flags.HasFlag(WriteFlags.NoCompress) is not true;

    /// <summary>What waits inside this class; the caller's own going away ends the reads by itself.</summary>
    private CancellationToken Expired => _canceledToken;

    /// <summary>Answers one request with one method.</summary>
    public static async Task RunAsync(
        HttpContext http, IMethod method, GrpcServiceOptions options, ILogger logger, Func<HttpServerCall, Task> run)
    {
        if (Refusal(http.Request) is var (httpStatus, detail))
        {
            ServerStatus.Refuse(http.Response, httpStatus, new Status(StatusCode.Internal, detail));
            return;
        }

        var call = new HttpServerCall(http, method, options, logger);

        try
        {
            call.Begin();
            await run(call);
        }
        catch (Exception e)
        {
            call.Fail(e);
        }

        if (call._timer is { } timer)
        {
            await timer.DisposeAsync();
            await call._expiry;
            call._canceled!.Dispose();
        }

        if (call.TryEnd())
        {
            call.WriteStatus();
            ServerTelemetry.End(http, method, call._status, call._startedAt);
        }
    }

    public async ValueTask<T> ReadSingleAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        try
        {
            var message = await CreateMessageReader(marshaller).ReadSingleAsync(Expired)
                ?? throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
            _requestEnded = true;
            return message;
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw Gone(e);
        }
    }

    /// <summary>Writes the only response; it leaves together with the status.</summary>
    public void WriteSingle<T>(T? message, Marshaller<T> marshaller)
        where T : class
    {
        if (message is null)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        }

        if (_status.StatusCode is not StatusCode.OK)
        {
            return;
        }

        BeginWrite();

        try
        {
            Messages.Write(message, marshaller.ContextualSerializer, Compresses);
        }
        finally
        {
            EndWrite();
        }
    }

    public IAsyncStreamReader<T> CreateReader<T>(Marshaller<T> marshaller)
        where T : class
    {
        // a stream lasts as long as it lasts and may rest in between
        if (Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        return new RequestStream<T>(this, CreateMessageReader(marshaller));
    }

    public IServerStreamWriter<T> CreateWriter<T>(Marshaller<T> marshaller)
        where T : class => new ResponseStream<T>(this, marshaller.ContextualSerializer);

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        BeginWrite();

        try
        {
            if (Http.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            foreach (var entry in responseHeaders)
            {
                if (entry.Is(Headers.EncodingRequest))
                {
                    SetResponseEncoding(entry.Value);
                }
                else if (!Headers.IsReserved(entry.Key))
                {
                    Http.Response.Headers.Append(entry.Key, entry.ToHeaderValue());
                }
            }

            await Http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        finally
        {
            EndWrite();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Use the client factory's EnableCallContextPropagation.");

    private static (int HttpStatus, string Detail)? Refusal(HttpRequest request)
    {
        if (!HttpProtocol.IsHttp2(request.Protocol))
        {
            return (StatusCodes.Status426UpgradeRequired, $"Request protocol '{request.Protocol}' is not supported.");
        }

        return Headers.IsGrpc(request.ContentType)
            ? null
            : (StatusCodes.Status415UnsupportedMediaType, $"Content-Type '{request.ContentType}' is not supported.");
    }

    private void Begin()
    {
        Http.Features.Set<IServerCallContextFeature>(this);     // first, as it makes HttpContext look all others up again
        Http.Response.ContentType = Headers.ContentType;

        if (Http.Request.Headers.GrpcTimeout is [{ } header] && Timeouts.TryDecode(header, out var timeout))
        {
            _deadline = Timeouts.FromNow(timeout);
            _canceled = CancellationTokenSource.CreateLinkedTokenSource(Http.RequestAborted);
            _canceledToken = _canceled.Token;
            _timer = TimeProvider.System.CreateTimer(
                static call => ((HttpServerCall)call!).OnTimer(), this, Min(timeout, Timeouts.LongestTimer), Timeout.InfiniteTimeSpan);
        }

        if (!Compression.IsSupported(Http.Request.Headers.GrpcEncoding))
        {
            Http.Response.Headers.GrpcAcceptEncoding = Compression.Supported;
            throw new RpcException(new Status(
                StatusCode.Unimplemented,
                $"Unsupported grpc-encoding value '{Http.Request.Headers.GrpcEncoding}'. Supported encodings: {Compression.Supported}"));
        }

        if (_options.ResponseCompressionAlgorithm is { } encoding)
        {
            SetResponseEncoding(encoding);
        }
    }

    private void SetResponseEncoding(string encoding)
    {
        var accepted = Http.Request.Headers.GrpcAcceptEncoding.ToString().Split(',', StringSplitOptions.TrimEntries);
        _responseEncoding = Compression.IsGzip(encoding) && accepted.Contains(Compression.Gzip) ? Compression.Gzip : null;
        Http.Response.Headers.GrpcEncoding = _responseEncoding ?? default;
    }

    private MessageReader<T> CreateMessageReader<T>(Marshaller<T> marshaller)
        where T : class =>
        new(Http.Request.BodyReader, marshaller.ContextualDeserializer, _options.MaxReceiveMessageSize)
        {
            Encoding = Http.Request.Headers.GrpcEncoding,
        };

    /// <summary>The request broke off; Kestrel says so before it cancels its token.</summary>
    private OperationCanceledException Gone(IOException exception)
    {
        _gone = true;
        return new("The client reset the request stream.", exception);
    }

    private void BeginWrite()
    {
        lock (_gate)
        {
            if (_ended)
            {
                CancellationToken.ThrowIfCancellationRequested();
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            }

            if (_writing)
            {
                throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
            }

            _writing = true;
            _answered = true;
        }
    }

    private void EndWrite()
    {
        lock (_gate)
        {
            _writing = false;
        }
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            return !_ended && (_ended = true);
        }
    }

    private void Fail(Exception exception)
    {
        switch (exception)
        {
            case RpcException rpc:
                _status = rpc.Status;
                AddTrailers(rpc.Trailers);
                LogRefused(_method.FullName, rpc.StatusCode, rpc.Status.Detail);
                break;

            case OperationCanceledException or IOException when _gone || CancellationToken.IsCancellationRequested:
                _status = _expired ? PastDeadline : new Status(StatusCode.Cancelled, "Call canceled by the client.");
                LogCanceled(_method.FullName, _status.StatusCode);
                break;

            default:
                _status = new Status(StatusCode.Unknown, _options.EnableDetailedErrors is true
                    ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}"
                    : "Exception was thrown by handler.");
                LogFailed(exception, _method.FullName);
                break;
        }
    }

    private void AddTrailers(Metadata trailers)
    {
        foreach (var entry in trailers)
        {
            ResponseTrailers.Add(entry);
        }
    }

    private void WriteStatus()
    {
        var target = StatusTarget();

        if (_responseTrailers is { } trailers)
        {
            try
            {
                foreach (var entry in trailers)
                {
                    if (!Headers.IsReserved(entry.Key))
                    {
                        target.Append(entry.Key, entry.ToHeaderValue());
                    }
                }
            }
            catch (InvalidOperationException e)
            {
                Fail(e);    // text that no header can carry is the handler's mistake
            }
        }

        ServerStatus.Set(target, _status);
    }

    private IHeaderDictionary StatusTarget() => _answered || Http.Response.HasStarted
        ? Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
        : Http.Response.Headers;

    private void OnTimer()
    {
        var left = Timeouts.Left(_deadline);

        if (left > TimeSpan.Zero)
        {
            _timer!.Change(Min(left, Timeouts.LongestTimer), Timeout.InfiniteTimeSpan);
            return;
        }

        bool writing;

        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _expired = true;
            writing = _writing;
        }

        LogCanceled(_method.FullName, StatusCode.DeadlineExceeded);
        ServerTelemetry.End(Http, _method, PastDeadline, _startedAt);
        _expiry = ExpireAsync(writing);
    }

    private async Task ExpireAsync(bool writing)
    {
        var answer = Task.CompletedTask;
        var reset = Http.Features.Get<IHttpResetFeature>();

        if (writing)
        {
            reset?.Reset((int)Http2Error.Cancel);   // a write that waits for the caller would keep the status waiting too
        }
        else
        {
            ServerStatus.Set(StatusTarget(), PastDeadline);
            answer = Http.Response.CompleteAsync();
        }

        await _canceled!.CancelAsync();
        await answer;

        if (!writing && !_requestEnded)
        {
            reset?.Reset((int)Http2Error.NoError);
        }
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();

        foreach (var (name, values) in Http.Request.Headers)
        {
            if (Headers.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                metadata.AddReceived(name, value ?? "");
            }
        }

        return metadata;
    }

    private AuthContext ReadAuthContext()
    {
        if (Http.Connection.ClientCertificate is not { } certificate)
        {
            return new AuthContext(null, []);
        }

        const string CommonName = "x509_common_name";
        const string AlternativeName = "x509_subject_alternative_name";

        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal)
        {
            [CommonName] = [Property(CommonName, certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false))],
        };
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => Property(AlternativeName, name))
            .ToList();

        if (alternatives.Count > 0)
        {
            properties[AlternativeName] = alternatives;
        }

        return new AuthContext(alternatives.Count > 0 ? AlternativeName : CommonName, properties);

        static AuthProperty Property(string name, string value) => AuthProperty.Create(name, Encoding.UTF8.GetBytes(value));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} refused with {StatusCode}: {Detail}")]
    private partial void LogRefused(string method, StatusCode statusCode, string detail);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} ended early with {StatusCode}")]
    private partial void LogCanceled(string method, StatusCode statusCode);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private partial void LogFailed(Exception exception, string method);

    /// <summary>The caller's messages, one read at a time.</summary>
    private sealed class RequestStream<T>(HttpServerCall call, MessageReader<T> messages) : IAsyncStreamReader<T>
        where T : class
    {
        private T? _current;
        private bool _reading;

        public T Current => _current ?? throw new InvalidOperationException("There is no current message.");

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _reading, true))
            {
                throw new InvalidOperationException("Can't read the next message because the previous read is in progress.");
            }

            try
            {
                if (messages.Ended)
                {
                    return false;
                }

                using var both = cancellationToken.CanBeCanceled && call.Expired.CanBeCanceled
                    ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call.Expired)
                    : null;
                _current = await messages.ReadAsync(both?.Token ?? (cancellationToken.CanBeCanceled ? cancellationToken : call.Expired));
                call._requestEnded = messages.Ended;
                return _current is not null;
            }
            catch (IOException e) when (e is not BadHttpRequestException)
            {
                throw call.Gone(e);
            }
            finally
            {
                Volatile.Write(ref _reading, false);
            }
        }
    }

    /// <summary>The handler's messages, one write at a time; a write is done when the connection has room for more.</summary>
    private sealed class ResponseStream<T>(HttpServerCall call, Action<T, SerializationContext> serialize) : IServerStreamWriter<T>
        where T : class
    {
        public WriteOptions? WriteOptions
        {
            get => call.WriteOptions;
            set => call.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(message);
            cancellationToken.ThrowIfCancellationRequested();
            call.BeginWrite();

            try
            {
                call.Messages.Write(message, serialize, call.Compresses);

                if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) is true)
                {
                    return;
                }

                var flushed = await call.Http.Response.BodyWriter.FlushAsync(cancellationToken);

                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    throw new OperationCanceledException("The caller no longer reads the response stream.");
                }
            }
            finally
            {
                call.EndWrite();
            }
        }
    }
}
