using Grpc.Core;
using Grpc.Core.Interceptors;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// A service on its own account calls what it is configured for (<see cref="TrustedIssuer.Calls"/>) and nothing else, whatever a method
/// asks of people: a stolen key of one service is worth that service's own work alone.
/// </summary>
internal sealed class OwnCallsInterceptor(TicketCheck tickets) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Check(ServerCallContext context)
    {
        // health is open to all, and reflection to all with a ticket
        if (CallerIdentity.CallerOf(context.GetHttpContext().User) is { } caller
            && !context.Method.StartsWith("/grpc.", StringComparison.Ordinal)
            && !tickets.MayCall(caller, context.Method))
        {
            var issuer = caller.Subject[Tickets.ServiceSubject.Length..];
            throw new Failure(
                FailureKind.Forbidden,
                "service_not_allowed",
                $"The service {issuer} may not call {context.Method[1..]} on its own account: Tickets:Issuers:{issuer}:Calls does not name it.").ToRpcException();
        }
    }
}
