using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>The standard service on our server, on loopback.</summary>
internal sealed class InteropServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InteropServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The calls in the order of their arrival, where the server was started to watch their frames.</summary>
    public ConcurrentQueue<WatchedCall> Calls { get; } = [];

    /// <summary>
    /// Starts it, on a free port where none is given. Watching frames puts a stream of the test's between the runtime and Kestrel, so only
    /// cases about compression do.
    /// </summary>
    public static async Task<InteropServer> StartAsync(bool watchFrames, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http2));

        var app = builder.Build();
        var server = new InteropServer(app);

        if (watchFrames)
        {
            app.Use(server.WatchAsync);
        }

        app.MapGrpcService<InteropService>();
        await app.StartAsync();

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private async Task WatchAsync(HttpContext http, RequestDelegate next)
    {
        var call = new WatchedCall();
        Calls.Enqueue(call);
        http.Features.Set(call);
        http.Request.Body = new WatchedStream(http.Request.Body, call.Requests);
        http.Response.Body = new WatchedStream(http.Response.Body, call.Responses);

        await next(http);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}

/// <summary>What passed in one call.</summary>
internal sealed class WatchedCall
{
    public FrameFlags Requests { get; } = new();

    public FrameFlags Responses { get; } = new();
}

/// <summary>What the standard service does (gRPC, Interoperability Test Case Descriptions, Server).</summary>
internal sealed class InteropService : TestService.TestServiceBase
{
    public override async Task<Empty> EmptyCall(Empty request, ServerCallContext context)
    {
        await BeginAsync(context, compressed: context.GetHttpContext().Request.Headers.GrpcEncoding == "gzip");
        return new();
    }

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        await BeginAsync(context, compressed: request.ResponseCompressed is { Value: true });
        CheckCompression(context, 0, request.ExpectCompressed);
        ThrowIfAsked(request.ResponseStatus);

        return new() { Payload = Zeros(request.ResponseSize) };
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context)
    {
        var (requests, size) = (0, 0);

        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            CheckCompression(context, requests++, request.ExpectCompressed);
            size += request.Payload.Body.Length;
        }

        return new() { AggregatedPayloadSize = size };
    }

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await BeginAsync(context, compressed: request.ResponseParameters.Any(parameters => parameters.Compressed is { Value: true }));
        await AnswerAsync(request, responseStream, context);
    }

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        await BeginAsync(context, compressed: false);

        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            ThrowIfAsked(request.ResponseStatus);
            await AnswerAsync(request, responseStream, context);
        }
    }

    private static async Task AnswerAsync(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        foreach (var parameters in request.ResponseParameters)
        {
            await Task.Delay(TimeSpan.FromMicroseconds(parameters.IntervalUs), context.CancellationToken);
            responseStream.WriteOptions = parameters.Compressed is { Value: true } ? null : new WriteOptions(WriteFlags.NoCompress);
            await responseStream.WriteAsync(new() { Payload = Zeros(parameters.Size) }, context.CancellationToken);
        }
    }

    /// <summary>Echoes the metadata that asks for it, and says how the answer is encoded.</summary>
    private static async Task BeginAsync(ServerCallContext context, bool compressed)
    {
        var headers = new Metadata();

        if (context.RequestHeaders.GetValue(Standard.EchoInitial) is { } initial)
        {
            headers.Add(Standard.EchoInitial, initial);
        }

        if (compressed)
        {
            headers.Add(Standard.EncodingRequest, "gzip");
        }

        if (context.RequestHeaders.GetValueBytes(Standard.EchoTrailing) is { } trailing)
        {
            context.ResponseTrailers.Add(Standard.EchoTrailing, trailing);
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }

    private static void CheckCompression(ServerCallContext context, int index, BoolValue? expected)
    {
        if (expected is not null && context.GetHttpContext().Features.Get<WatchedCall>()!.Requests.Compressed[index] != expected.Value)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"Message {index} is not compressed as it says."));
        }
    }

    private static void ThrowIfAsked(EchoStatus? status)
    {
        if (status is { Code: not 0 })
        {
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
        }
    }

    private static Payload Zeros(int size) => Standard.Zeros(size);
}
