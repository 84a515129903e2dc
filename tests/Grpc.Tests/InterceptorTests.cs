using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ZohoPlatform.Grpc.Tests;

public sealed class InterceptorTests
{
    [Fact]
    public async Task Server_interceptors_stand_around_every_kind_of_call_the_first_outermost()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync(
            grpc =>
            {
                grpc.Interceptors.Add<Recorder>("outer");
                grpc.Interceptors.Add<Recorder>("inner");
            },
            builder => builder.Services.AddSingleton(log));

        await host.Client.UnaryCallAsync(new()).ResponseAsync.Soon();
        using var output = host.Client.StreamingOutputCall(new());
        await output.ResponseStream.MoveNext().Soon();
        using var input = host.Client.StreamingInputCall();
        await input.RequestStream.CompleteAsync().Soon();
        await input.ResponseAsync.Soon();
        using var duplex = host.Client.FullDuplexCall();
        await duplex.RequestStream.CompleteAsync().Soon();
        await duplex.ResponseStream.MoveNext().Soon();

        string[] names = ["UnaryCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall"];
        var disposals = log.Count(line => line.StartsWith("disposed", StringComparison.Ordinal));
        var calls = log.Where(line => !line.StartsWith("disposed", StringComparison.Ordinal));
        Assert.Equal(names.SelectMany(name => new[] { $"outer {name}", $"inner {name}" }), calls, StringComparer.Ordinal);
        Assert.Equal(8, disposals);
    }

    [Fact]
    public async Task A_registered_server_interceptor_comes_from_the_calls_services()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync(
            grpc => grpc.Interceptors.Add<Recorder>(),
            builder => builder.Services.AddSingleton(log).AddSingleton(new Recorder("only", log)));

        await host.Client.UnaryCallAsync(new()).ResponseAsync.Soon();
        await host.Client.UnaryCallAsync(new()).ResponseAsync.Soon();

        Assert.Equal(["only UnaryCall", "only UnaryCall"], log, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_server_interceptor_may_refuse_a_call()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.Interceptors.Add<Refuser>());

        var error = await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    [Fact]
    public async Task Client_interceptors_stand_around_every_kind_of_call_the_first_outermost()
    {
        var log = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync();
        var client = new TestService.TestServiceClient(host.Channel.Intercept(new Recorder("outer", log), new Recorder("inner", log)));

        await client.UnaryCallAsync(new()).ResponseAsync.Soon();
        await Task.Run(() => client.EmptyCall(new())).Soon();
        using var output = client.StreamingOutputCall(new());
        await output.ResponseStream.MoveNext().Soon();
        using var input = client.StreamingInputCall();
        await input.RequestStream.CompleteAsync().Soon();
        using var duplex = client.FullDuplexCall();
        await duplex.RequestStream.CompleteAsync().Soon();

        string[] names = ["UnaryCall", "EmptyCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall"];
        Assert.Equal(names.SelectMany(name => new[] { $"outer {name}", $"inner {name}" }), log, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_client_interceptor_may_change_the_call_and_its_result()
    {
        await using var host = await TestHost.StartAsync();
        host.Handlers.Unary = (_, context) => Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("added") });
        var client = new TestService.TestServiceClient(host.Channel.Intercept(new Changer()));

        using var call = client.UnaryCallAsync(new());

        Assert.Equal("by the interceptor, seen", (await call.ResponseAsync.Soon()).Username);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private sealed class Recorder(string name, ConcurrentQueue<string> log) : Interceptor, IDisposable
    {
        public void Dispose() => log.Enqueue($"disposed {name}");

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            log.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            log.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            log.Enqueue($"{name} {context.Method.Name}");
            return continuation(request, context);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            log.Enqueue($"{name} {context.Method.Name}");
            return continuation(context);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            log.Enqueue($"{name} {context.Method.Name}");
            return continuation(context);
        }

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            Record(context);
            return continuation(request, context);
        }

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation)
        {
            Record(context);
            return continuation(requestStream, context);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            Record(context);
            return continuation(request, responseStream, context);
        }

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        {
            Record(context);
            return continuation(requestStream, responseStream, context);
        }

        private void Record(ServerCallContext context) => log.Enqueue($"{name} {context.Method.Split('/')[^1]}");
    }

    private sealed class Refuser : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            throw new RpcException(new Status(StatusCode.Unauthenticated, "no ticket"));
    }

    private sealed class Changer : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var headers = new Metadata { { "added", "by the interceptor" } };
            var call = continuation(request, new(context.Method, context.Host, context.Options.WithHeaders(headers)));
            return new(SeenAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        private static async Task<TResponse> SeenAsync<TResponse>(Task<TResponse> response)
        {
            var answer = await response;

            if (answer is SimpleResponse simple)
            {
                simple.Username += ", seen";
            }

            return answer;
        }
    }
}
