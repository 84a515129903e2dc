using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>What the service does, replaced by the tests that want something else.</summary>
public sealed class Handlers
{
    public UnaryServerMethod<Empty, Empty> Empty { get; set; } = (_, _) => Task.FromResult(new Empty());

    public UnaryServerMethod<SimpleRequest, SimpleResponse> Unary { get; set; } = (request, _) =>
        Task.FromResult(new SimpleResponse { Payload = Zeros(request.ResponseSize) });

    public ServerStreamingServerMethod<StreamingOutputCallRequest, StreamingOutputCallResponse> Output { get; set; } =
        async (request, responses, context) =>
        {
            foreach (var parameters in request.ResponseParameters)
            {
                await responses.WriteAsync(new() { Payload = Zeros(parameters.Size) }, context.CancellationToken);
            }
        };

    public ClientStreamingServerMethod<StreamingInputCallRequest, StreamingInputCallResponse> Input { get; set; } =
        async (requests, context) =>
        {
            var size = 0;

            await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
            {
                size += request.Payload.Body.Length;
            }

            return new() { AggregatedPayloadSize = size };
        };

    public DuplexStreamingServerMethod<StreamingOutputCallRequest, StreamingOutputCallResponse> Duplex { get; set; } =
        async (requests, responses, context) =>
        {
            await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
            {
                foreach (var parameters in request.ResponseParameters)
                {
                    await responses.WriteAsync(new() { Payload = Zeros(parameters.Size) }, context.CancellationToken);
                }
            }
        };

    public static Payload Zeros(int size) => new() { Body = UnsafeByteOperations.UnsafeWrap(new byte[size]) };
}

/// <summary>The standard interop service over <see cref="Handlers"/>; UnimplementedCall is left as generated.</summary>
internal sealed class TestServiceOverHandlers(Handlers handlers) : TestService.TestServiceBase
{
    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => handlers.Empty(request, context);

    public override Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context) =>
        handlers.Output(request, responseStream, context);

    public override Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context) =>
        handlers.Input(requestStream, context);

    public override Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context) =>
        handlers.Duplex(requestStream, responseStream, context);
}
