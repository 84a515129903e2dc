using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>Our client in the standard cases. Each throws where the server, or the client itself, does not do as the case says.</summary>
internal sealed class InteropClient : IDisposable
{
    private static readonly Metadata Gzip = new() { { Standard.EncodingRequest, "gzip" } };
    private static readonly WriteOptions NoCompress = new(WriteFlags.NoCompress);

    private readonly WatchingHandler _frames = new();
    private readonly GrpcChannel _channel;
    private readonly TestService.TestServiceClient _client;
    private readonly UnimplementedService.UnimplementedServiceClient _other;

    public InteropClient(Uri address, bool watchFrames)
    {
        _channel = GrpcChannel.ForAddress(address, watchFrames ? new GrpcChannelOptions { HttpHandler = _frames } : new());
        (_client, _other) = (new(_channel), new(_channel));
    }

    public Task RunAsync(string name) => name switch
    {
        "empty_unary" => EmptyUnaryAsync(),
        "large_unary" => LargeUnaryAsync(Large(), default),
        "client_streaming" => ClientStreamingAsync(),
        "server_streaming" => ServerStreamingAsync([.. Standard.ResponseSizes.Select(size => new ResponseParameters { Size = size })]),
        "ping_pong" => PingPongAsync(),
        "empty_stream" => EmptyStreamAsync(),
        "client_compressed_unary_probe" => ClientCompressedUnaryProbeAsync(),
        "client_compressed_unary" => ClientCompressedUnaryAsync(),
        "server_compressed_unary" => ServerCompressedUnaryAsync(),
        "client_compressed_streaming_probe" => ClientCompressedStreamingProbeAsync(),
        "client_compressed_streaming" => ClientCompressedStreamingAsync(),
        "server_compressed_streaming" => ServerCompressedStreamingAsync(),
        "empty_compressed_unary" => EmptyCompressedUnaryAsync(),
        "cancel_after_begin" => CancelAfterBeginAsync(),
        "cancel_after_first_response" => CancelAfterFirstResponseAsync(),
        "timeout_on_sleeping_server" => TimeoutOnSleepingServerAsync(),
        "custom_metadata" => CustomMetadataAsync(),
        "status_code_and_message" => StatusCodeAndMessageAsync(),
        "special_status_message" => SpecialStatusMessageAsync(),
        "unimplemented_method" => FailsAsync(StatusCode.Unimplemented, () => _client.UnimplementedCallAsync(new()).ResponseAsync),
        "unimplemented_service" => FailsAsync(StatusCode.Unimplemented, () => _other.UnimplementedCallAsync(new()).ResponseAsync),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such case."),
    };

    public void Dispose()
    {
        _channel.Dispose();
        _frames.Dispose();
    }

    private static SimpleRequest Large() => new()
    {
        ResponseSize = Standard.LargeResponse,
        Payload = Standard.Zeros(Standard.LargeRequest),
    };

    private static StreamingOutputCallRequest Ask(int response, int request, int intervalUs = 0) => new()
    {
        ResponseParameters = { new ResponseParameters { Size = response, IntervalUs = intervalUs } },
        Payload = Standard.Zeros(request),
    };

    private static BoolValue Flag(bool value) => new() { Value = value };

    private static void AssertZeros(Payload payload, int size)
    {
        Assert.Equal(size, payload.Body.Length);
        Assert.False(payload.Body.Span.ContainsAnyExcept((byte)0));
    }

    private static async Task<RpcException> FailsAsync(StatusCode code, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, failure.StatusCode);
        return failure;
    }

    private async Task EmptyUnaryAsync() => Assert.Equal(new Empty(), await _client.EmptyCallAsync(new()));

    private async Task LargeUnaryAsync(SimpleRequest request, CallOptions options) =>
        AssertZeros((await _client.UnaryCallAsync(request, options)).Payload, Standard.LargeResponse);

    private async Task ClientStreamingAsync()
    {
        using var call = _client.StreamingInputCall();

        foreach (var size in Standard.RequestSizes)
        {
            await call.RequestStream.WriteAsync(new() { Payload = Standard.Zeros(size) });
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(Standard.RequestSizes.Sum(), (await call).AggregatedPayloadSize);
    }

    private async Task ServerStreamingAsync(ResponseParameters[] parameters)
    {
        using var call = _client.StreamingOutputCall(new() { ResponseParameters = { parameters } });

        foreach (var wanted in parameters)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            AssertZeros(call.ResponseStream.Current.Payload, wanted.Size);
        }

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private async Task PingPongAsync()
    {
        using var call = _client.FullDuplexCall();

        foreach (var (request, response) in Standard.RequestSizes.Zip(Standard.ResponseSizes))
        {
            await call.RequestStream.WriteAsync(Ask(response, request));
            Assert.True(await call.ResponseStream.MoveNext());
            AssertZeros(call.ResponseStream.Current.Payload, response);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private async Task EmptyStreamAsync()
    {
        using var call = _client.FullDuplexCall();
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private async Task ClientCompressedUnaryProbeAsync()
    {
        var request = Large();
        request.ExpectCompressed = Flag(true);

        await FailsAsync(StatusCode.InvalidArgument, () => _client.UnaryCallAsync(request).ResponseAsync);
    }

    private async Task ClientCompressedUnaryAsync()
    {
        var request = Large();
        request.ExpectCompressed = Flag(true);
        await LargeUnaryAsync(request, new CallOptions(Gzip));

        request.ExpectCompressed = Flag(false);
        await LargeUnaryAsync(request, new CallOptions(Gzip, writeOptions: NoCompress));

        Assert.Equal([true, false], _frames.Requests.Compressed);
    }

    private async Task ServerCompressedUnaryAsync()
    {
        foreach (var compressed in new[] { true, false })
        {
            var request = Large();
            request.ResponseCompressed = Flag(compressed);
            await LargeUnaryAsync(request, default);
        }

        Assert.Equal([true, false], _frames.Responses.Compressed);
    }

    private async Task ClientCompressedStreamingProbeAsync()
    {
        using var call = _client.StreamingInputCall();
        await call.RequestStream.WriteAsync(new() { Payload = Standard.Zeros(27182), ExpectCompressed = Flag(true) });
        await call.RequestStream.CompleteAsync();

        await FailsAsync(StatusCode.InvalidArgument, () => call.ResponseAsync);
    }

    private async Task ClientCompressedStreamingAsync()
    {
        using var call = _client.StreamingInputCall(Gzip);
        await call.RequestStream.WriteAsync(new() { Payload = Standard.Zeros(27182), ExpectCompressed = Flag(true) });
        call.RequestStream.WriteOptions = NoCompress;
        await call.RequestStream.WriteAsync(new() { Payload = Standard.Zeros(45904), ExpectCompressed = Flag(false) });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(73086, (await call).AggregatedPayloadSize);
        Assert.Equal([true, false], _frames.Requests.Compressed);
    }

    private async Task ServerCompressedStreamingAsync()
    {
        await ServerStreamingAsync([new() { Size = 31415, Compressed = Flag(true) }, new() { Size = 92653, Compressed = Flag(false) }]);

        Assert.Equal([true, false], _frames.Responses.Compressed);
    }

    private async Task EmptyCompressedUnaryAsync() => Assert.Equal(new Empty(), await _client.EmptyCallAsync(new(), Gzip));

    private async Task CancelAfterBeginAsync()
    {
        using var source = new CancellationTokenSource();
        using var call = _client.StreamingInputCall(cancellationToken: source.Token);
        await source.CancelAsync();

        await FailsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    private async Task CancelAfterFirstResponseAsync()
    {
        using var source = new CancellationTokenSource();
        using var call = _client.FullDuplexCall(cancellationToken: source.Token);
        await call.RequestStream.WriteAsync(Ask(31415, 27182));
        Assert.True(await call.ResponseStream.MoveNext());
        await source.CancelAsync();

        await FailsAsync(StatusCode.Cancelled, () => call.ResponseStream.MoveNext());
    }

    private async Task TimeoutOnSleepingServerAsync()
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + TimeSpan.FromMilliseconds(100);
        using var call = _client.FullDuplexCall(deadline: deadline);

        await FailsAsync(StatusCode.DeadlineExceeded, async () =>
        {
            await call.RequestStream.WriteAsync(Ask(31415, 27182, intervalUs: 60_000_000));
            await call.ResponseStream.MoveNext();
        });
    }

    private async Task CustomMetadataAsync()
    {
        const string Initial = "test_initial_metadata_value";
        byte[] trailing = [0xab, 0xab, 0xab];
        var sent = new Metadata { { Standard.EchoInitial, Initial }, { Standard.EchoTrailing, trailing } };

        using (var call = _client.UnaryCallAsync(Large(), sent))
        {
            AssertZeros((await call).Payload, Standard.LargeResponse);
            Assert.Equal(Initial, (await call.ResponseHeadersAsync).GetValue(Standard.EchoInitial));
            Assert.Equal(trailing, call.GetTrailers().GetValueBytes(Standard.EchoTrailing));
        }

        using (var call = _client.FullDuplexCall(sent))
        {
            await call.RequestStream.WriteAsync(Ask(Standard.LargeResponse, Standard.LargeRequest));
            await call.RequestStream.CompleteAsync();
            Assert.True(await call.ResponseStream.MoveNext());
            AssertZeros(call.ResponseStream.Current.Payload, Standard.LargeResponse);
            Assert.False(await call.ResponseStream.MoveNext());
            Assert.Equal(Initial, (await call.ResponseHeadersAsync).GetValue(Standard.EchoInitial));
            Assert.Equal(trailing, call.GetTrailers().GetValueBytes(Standard.EchoTrailing));
        }
    }

    private async Task StatusCodeAndMessageAsync()
    {
        var status = new EchoStatus { Code = 2, Message = "test status message" };

        var unary = await FailsAsync(StatusCode.Unknown, () => _client.UnaryCallAsync(new() { ResponseStatus = status }).ResponseAsync);
        Assert.Equal(status.Message, unary.Status.Detail);

        using var call = _client.FullDuplexCall();
        await call.RequestStream.WriteAsync(new() { ResponseStatus = status });
        await call.RequestStream.CompleteAsync();
        var duplex = await FailsAsync(StatusCode.Unknown, () => call.ResponseStream.MoveNext());
        Assert.Equal(status.Message, duplex.Status.Detail);
    }

    private async Task SpecialStatusMessageAsync()
    {
        const string Message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n";

        var request = new SimpleRequest { ResponseStatus = new() { Code = 2, Message = Message } };

        var failure = await FailsAsync(StatusCode.Unknown, () => _client.UnaryCallAsync(request).ResponseAsync);
        Assert.Equal(Message, failure.Status.Detail);
    }

    /// <summary>HttpClient's own handler, with the frames of requests and responses seen.</summary>
    private sealed class WatchingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        public FrameFlags Requests { get; } = new();

        public FrameFlags Responses { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Content = new WatchedRequest(request.Content!, Requests);
            var response = await base.SendAsync(request, cancellationToken);
            var content = new StreamContent(new WatchedStream(await response.Content.ReadAsStreamAsync(cancellationToken), Responses));

            foreach (var (name, values) in response.Content.Headers.NonValidated)
            {
                content.Headers.TryAddWithoutValidation(name, values);
            }

            response.Content = content;
            return response;
        }
    }

    private sealed class WatchedRequest : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly FrameFlags _flags;

        public WatchedRequest(HttpContent inner, FrameFlags flags)
        {
            (_inner, _flags) = (inner, flags);

            foreach (var (name, values) in inner.Headers.NonValidated)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _inner.CopyToAsync(new WatchedStream(stream, _flags), context, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
