using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Starts calls on a channel.</summary>
internal sealed class HttpClientCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new HttpClientCall<TRequest, TResponse>(channel, method, options).RunSingleAsync(request, null).GetAwaiter().GetResult();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new HttpClientCall<TRequest, TResponse>(channel, method, options);
        return new(call.RunSingleAsync(request, null), Call.Headers, Call.Status, Call.Trailers, Call.Dispose, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new HttpClientCall<TRequest, TResponse>(channel, method, options);
        return new(call.RunStreaming(request, null), Call.Headers, Call.Status, Call.Trailers, Call.Dispose, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new HttpClientCall<TRequest, TResponse>(channel, method, options);
        var requests = new RequestStream<TRequest, TResponse>(call);
        return new(requests, call.RunSingleAsync(null, requests), Call.Headers, Call.Status, Call.Trailers, Call.Dispose, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new HttpClientCall<TRequest, TResponse>(channel, method, options);
        var requests = new RequestStream<TRequest, TResponse>(call);
        return new(requests, call.RunStreaming(null, requests), Call.Headers, Call.Status, Call.Trailers, Call.Dispose, call);
    }

    /// <summary>How the public call objects ask a call, without a delegate per call.</summary>
    private static class Call
    {
        public static readonly Func<object, Task<Metadata>> Headers = static call => ((IClientCall)call).GetHeadersAsync();
        public static readonly Func<object, Status> Status = static call => ((IClientCall)call).GetStatus();
        public static readonly Func<object, Metadata> Trailers = static call => ((IClientCall)call).GetTrailers();
        public static readonly Action<object> Dispose = static call => ((IClientCall)call).Dispose();
    }
}

/// <summary>A running call, whatever its messages.</summary>
internal interface IClientCall : IDisposable
{
    Task<Metadata> GetHeadersAsync();

    Status GetStatus();

    Metadata GetTrailers();
}
