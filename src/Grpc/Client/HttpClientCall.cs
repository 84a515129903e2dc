using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>
/// One call on the client, from its request to its status. Whatever ends it first (the server's status, a broken connection, the
/// deadline, the caller) decides the status; everything after that changes nothing.
/// </summary>
internal sealed class HttpClientCall<TRequest, TResponse> : IClientCall, IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private static readonly Status CanceledByCaller = new(StatusCode.Cancelled, "Call canceled by the client.");
    private static readonly Status Disposed = new(StatusCode.Cancelled, "gRPC call disposed.");
    private static readonly Status PastDeadline = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    /// <summary>As much as an HTTP/2 frame brings.</summary>
    private static readonly StreamPipeReaderOptions Buffers = new(bufferSize: 16 * 1024);

    private readonly GrpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly CallOptions _options;
    private readonly CancellationTokenSource _canceled;
    private readonly bool _compresses;
    private readonly Lock _gate = new();

    private IRequestBody? _request;
    private HttpResponseMessage? _response;
    private TaskCompletionSource<Metadata>? _headers;
    private Status? _ended;
    private bool _endedByServer;
    private ClientTelemetry _telemetry;

    private Task<MessageReader<TResponse>?>? _started;
    private TResponse? _current;
    private bool _reading;

    public HttpClientCall(GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    {
        ObjectDisposedException.ThrowIf(channel.Disposed.IsCancellationRequested, channel);

        if (options.Deadline is { Kind: not DateTimeKind.Utc } deadline && deadline != DateTime.MaxValue && deadline != DateTime.MinValue)
        {
            throw new InvalidOperationException("A deadline is in UTC, or DateTime.MaxValue or MinValue.");
        }

        _compresses = options.Headers?.GetValue(Headers.EncodingRequest) switch
        {
            Compression.Gzip => true,
            null or Compression.Identity => false,
            var other => throw new InvalidOperationException($"There is no message encoding '{other}'."),
        };
        _channel = channel;
        _method = method;
        _options = options;
        _canceled = options.InheritedCancellation.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, options.InheritedCancellation, channel.Disposed)
            : CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, channel.Disposed);
        Token = _canceled.Token;
    }

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no current message.");

    public WriteOptions? WriteOptions => _options.WriteOptions;

    /// <summary>Cancelled once the call has ended, for whatever reason.</summary>
    public CancellationToken Token { get; }

    /// <summary>Null while the call runs.</summary>
    public Status? EndedStatus
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <summary>Runs a call with one response; the request is given as a message or as a body.</summary>
    public async Task<TResponse> RunSingleAsync(TRequest? request, IRequestBody? body)
    {
        TResponse? response = null;
        _telemetry = ClientTelemetry.Start(_method, _channel.Address);

        try
        {
            var messages = await StartAsync(request, body);
            response = await messages.ReadSingleAsync(Token);
            messages.Complete();
            var status = ReadStatus();
            EndByServer(status.StatusCode is StatusCode.OK && response is null
                ? new Status(StatusCode.Internal, "The server answered OK without a response.")
                : status);
        }
        catch (Exception e)
        {
            End(Explain(e));
        }

        return EndedStatus is { StatusCode: StatusCode.OK } ? response! : throw EndedException();
    }

    /// <summary>Starts a call with many responses; the request is given as a message or as a body.</summary>
    public IAsyncStreamReader<TResponse> RunStreaming(TRequest? request, IRequestBody? body)
    {
        _started = StartStreamingAsync(request, body);

        // nobody may be reading when the deadline passes or the caller gives up
        Token.UnsafeRegister(static call => ((HttpClientCall<TRequest, TResponse>)call!).OnCanceled(), this);
        return this;
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, true))
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is in progress.");
        }

        try
        {
            _current = null;

            if (EndedStatus is null)
            {
                using var registration = cancellationToken.UnsafeRegister(
                    static call => ((HttpClientCall<TRequest, TResponse>)call!).Cancel(), this);

                if (await _started! is { } messages)
                {
                    _current = await messages.ReadAsync(Token);

                    if (_current is not null)
                    {
                        return true;
                    }

                    messages.Complete();
                    EndByServer(ReadStatus());
                }
            }
        }
        catch (Exception e)
        {
            End(Explain(e));
        }
        finally
        {
            Volatile.Write(ref _reading, false);
        }

        return EndedStatus is { StatusCode: StatusCode.OK } ? false : throw EndedException();
    }

    public PooledBuffer Serialize(TRequest message, WriteOptions? options)
    {
        var frame = new PooledBuffer();

        try
        {
            new MessageWriter(frame, _channel.Options.MaxSendMessageSize).Write(
                message,
                _method.RequestMarshaller.ContextualSerializer,
                _compresses && options?.Flags.HasFlag(WriteFlags.NoCompress) is not true);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public Task<Metadata> GetHeadersAsync()
    {
        lock (_gate)
        {
            if (_response is not null)
            {
                return Task.FromResult(ToMetadata(_response.Headers));
            }

            return _ended is null
                ? (_headers ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.FromException<Metadata>(EndedException());
        }
    }

    public Status GetStatus() => EndedStatus ?? throw new InvalidOperationException("The call has no status because it has not ended.");

    public Metadata GetTrailers()
    {
        lock (_gate)
        {
            if (_ended is null)
            {
                throw new InvalidOperationException("The call has no trailers because it has not ended.");
            }

            return _endedByServer && _response is not null ? ToMetadata(StatusSource(_response)) : [];
        }
    }

    public RpcException EndedException() => new(GetStatus(), GetTrailers());

    /// <summary>What an exception on this side says of the call.</summary>
    public Status Explain(Exception exception) => exception switch
    {
        RpcException rpc => rpc.Status,
        _ when Token.IsCancellationRequested => CanceledStatus(),
        _ => HttpVerdicts.Explain(exception),
    };

    public void Cancel() => End(CanceledByCaller);

    public void Dispose() => End(Disposed);

    private static Metadata ToMetadata(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();

        foreach (var (name, values) in headers.NonValidated)
        {
            if (Headers.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                metadata.AddReceived(name, value);
            }
        }

        return metadata;
    }

    /// <summary>The trailers, or the headers of an answer that has nothing else.</summary>
    private static HttpResponseHeaders StatusSource(HttpResponseMessage response) =>
        response.Headers.NonValidated.Contains(Headers.Status) ? response.Headers : response.TrailingHeaders;

    private static string? Single(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.Count == 1 ? values.ToString() : null;

    /// <summary>Null where the call ended instead; its status says why, to whoever asks.</summary>
    private async Task<MessageReader<TResponse>?> StartStreamingAsync(TRequest? request, IRequestBody? body)
    {
        _telemetry = ClientTelemetry.Start(_method, _channel.Address);

        try
        {
            return await StartAsync(request, body);
        }
        catch (Exception e)
        {
            End(Explain(e));
            return null;
        }
    }

    private async Task<MessageReader<TResponse>> StartAsync(TRequest? request, IRequestBody? body)
    {
        _request = body ?? new RequestFrame(Serialize(request!, _options.WriteOptions));

        if (_options.Deadline is { } deadline)
        {
            ArmDeadline(deadline);
        }

        var response = await SendAsync(_channel.Retries?.PolicyOf(_method));
        Accept(response);

        var input = PipeReader.Create(await response.Content.ReadAsStreamAsync(Token), Buffers);

        return new(input, _method.ResponseMarshaller.ContextualDeserializer, _channel.Options.MaxReceiveMessageSize)
        {
            Encoding = Single(response.Headers, Headers.Encoding),
        };
    }

    private void ArmDeadline(DateTime deadline)
    {
        if (deadline == DateTime.MaxValue)
        {
            return;
        }

        var left = Timeouts.Left(deadline);

        if (left <= TimeSpan.Zero)
        {
            throw new RpcException(PastDeadline);
        }

        if (left < Timeouts.LongestTimer)
        {
            _canceled.CancelAfter(left);
        }
    }

    /// <summary>
    /// Sends the request, and again while the policy has it and no response has begun. A stream of requests is sent once.
    /// </summary>
    private async Task<HttpResponseMessage> SendAsync(RetryPolicy? policy)
    {
        if (policy is null || _request is not RequestFrame)
        {
            return await _channel.SendAsync(await CreateRequestAsync(previousAttempts: 0), _method, Token);
        }

        for (var attempt = 1; ; attempt++)
        {
            StatusCode failure;
            string? pushback = null;
            HttpResponseMessage? response = null;
            ExceptionDispatchInfo? error;

            try
            {
                response = await _channel.SendAsync(await CreateRequestAsync(previousAttempts: attempt - 1), _method, Token);

                if (FailedStatus(response) is not { } failed)
                {
                    _channel.Retries!.Succeeded();
                    return response;
                }

                (failure, pushback, error) = (failed, Single(response.Headers, Headers.RetryPushback), null);
            }
            catch (Exception e) when (!Token.IsCancellationRequested)
            {
                (failure, error) = (Explain(e).StatusCode, ExceptionDispatchInfo.Capture(e));
            }

            if (_channel.Retries!.DelayAfter(policy, failure, attempt, pushback) is not { } delay)
            {
                error?.Throw();
                return response!;
            }

            response?.Dispose();
            await Task.Delay(delay, Token);
        }
    }

    private async ValueTask<HttpRequestMessage> CreateRequestAsync(int previousAttempts)
    {
        var request = new HttpRequestMessage
        {
            Method = HttpMethod.Post,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestContent(_request!),
        };
        var headers = request.Headers;

        if (_options.Headers is { } metadata)
        {
            Add(headers, metadata);
        }

        if (_channel.Credentials is { } ofChannel)
        {
            Add(headers, await AuthorizeAsync(ofChannel));
        }

        if (_options.Credentials is { } ofCall && _channel.SendsCallCredentials)
        {
            Add(headers, await AuthorizeAsync(ofCall));
        }

        if (previousAttempts > 0)
        {
            headers.TryAddWithoutValidation(Headers.PreviousAttempts, previousAttempts.ToString(CultureInfo.InvariantCulture));
        }

        headers.TryAddWithoutValidation("User-Agent", "zoho-platform-grpc");
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation(Headers.AcceptEncoding, Compression.Supported);

        if (_compresses)
        {
            headers.TryAddWithoutValidation(Headers.Encoding, Compression.Gzip);
        }

        if (_options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            headers.TryAddWithoutValidation(Headers.Timeout, Timeouts.Encode(Timeouts.Left(deadline)));
        }

        return request;

        static void Add(HttpRequestHeaders headers, Metadata metadata)
        {
            foreach (var entry in metadata)
            {
                if (!Headers.IsReserved(entry.Key))
                {
                    headers.TryAddWithoutValidation(entry.Key, entry.ToHeaderValue());
                }
            }
        }
    }

    private async Task<Metadata> AuthorizeAsync(CallCredentials credentials)
    {
        var metadata = new Metadata();
        await credentials.ApplyAsync(new AuthInterceptorContext(_channel.ServiceUrlOf(_method), _method.Name, Token), metadata);
        return metadata;
    }

    /// <summary>Takes the answer in, unless the call has ended, and refuses one that is not gRPC's.</summary>
    private void Accept(HttpResponseMessage response)
    {
        TaskCompletionSource<Metadata>? headers;
        bool ended;

        lock (_gate)
        {
            _response = response;
            headers = _headers;
            ended = _ended is not null;
        }

        headers?.TrySetResult(ToMetadata(response.Headers));

        if (ended)
        {
            response.Dispose();
            throw EndedException();
        }

        if (response.Headers.NonValidated.Contains(Headers.Status))
        {
            return;     // a status outweighs what HTTP says
        }

        if (response.StatusCode is not HttpStatusCode.OK)
        {
            throw new RpcException(new Status(
                response.StatusCode.ToStatusCode(), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}"));
        }

        if (!Headers.IsGrpc(response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types) ? types.ToString() : null))
        {
            throw new RpcException(new Status(StatusCode.Unknown, $"Bad gRPC response. Content type: {types}"));
        }
    }

    /// <summary>The status of an answer that is an error from its first line; null for one that has begun well.</summary>
    private static StatusCode? FailedStatus(HttpResponseMessage response)
    {
        if (Single(response.Headers, Headers.Status) is { } value)
        {
            return Headers.TryParseStatus(value, out var code) && code is StatusCode.OK ? null : code;
        }

        return response.StatusCode is HttpStatusCode.OK ? null : response.StatusCode.ToStatusCode();
    }

    private Status ReadStatus()
    {
        var source = StatusSource(_response!);

        return Single(source, Headers.Status) is { } value && Headers.TryParseStatus(value, out var code)
            ? new Status(code, Headers.DecodeMessage(Single(source, Headers.Message) ?? ""))
            : new Status(StatusCode.Unknown, "No grpc-status found on response.");
    }

    private Status CanceledStatus()
    {
        if (_options.CancellationToken.IsCancellationRequested)
        {
            return CanceledByCaller;
        }

        if (_options.Deadline is { } deadline && Timeouts.Left(deadline) <= TimeSpan.Zero)
        {
            return PastDeadline;
        }

        if (_options.InheritedCancellation.IsCancellationRequested)
        {
            return CanceledByCaller;
        }

        return _channel.Disposed.IsCancellationRequested ? Disposed : PastDeadline;
    }

    private void OnCanceled() => End(CanceledStatus());

    private void EndByServer(Status status) => End(status, byServer: true);

    private void End(Status status, bool byServer = false)
    {
        TaskCompletionSource<Metadata>? headers;
        HttpResponseMessage? response;

        lock (_gate)
        {
            if (_ended is not null)
            {
                return;
            }

            _ended = status;
            _endedByServer = byServer;
            headers = _headers;
            response = _response;
        }

        _telemetry.End(status);
        _request?.Release();
        _canceled.Cancel();     // only here and only once, so that it may be disposed
        response?.Dispose();

        if (headers is { Task.IsCompleted: false })
        {
            headers.TrySetException(EndedException());
        }

        _canceled.Dispose();
    }
}
