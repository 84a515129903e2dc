using Grpc.AspNetCore.Server.Features;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.ClientFactory;

/// <summary>How a call made while another is answered takes over its context.</summary>
public class GrpcContextPropagationOptions
{
    /// <summary>Whether a call made outside any gRPC call goes through unchanged instead of throwing. Off by default.</summary>
    public bool SuppressContextNotFoundErrors { get; set; }
}

/// <summary>Gives a call the deadline and the cancellation of the call that it is made for.</summary>
internal sealed class ContextPropagationInterceptor(GrpcContextPropagationOptions options, IHttpContextAccessor accessor) : Interceptor
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Inherit(context));

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Inherit(context));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Inherit(context));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(Inherit(context));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(Inherit(context));

    private ClientInterceptorContext<TRequest, TResponse> Inherit<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        if (accessor.HttpContext?.Features.Get<IServerCallContextFeature>() is not { ServerCallContext: var outer })
        {
            return options.SuppressContextNotFoundErrors
                ? context
                : throw new InvalidOperationException("There is no gRPC call whose context this call could take over.");
        }

        var inherited = context.Options.WithInheritedCancellation(outer.CancellationToken);

        if (outer.Deadline < (inherited.Deadline ?? DateTime.MaxValue))
        {
            inherited = inherited.WithDeadline(outer.Deadline);
        }

        return new(context.Method, context.Host, inherited);
    }
}
