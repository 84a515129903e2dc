using Grpc.Core;
using Grpc.Core.Interceptors;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>In whose name a call is made. The ticket is made by the client of <c>AddServiceClient</c>, which knows for whom.</summary>
public sealed class CallerCredentials(Caller caller) : CallCredentials
{
    public Caller Caller => caller;

    /// <summary>Never: another client would send the call without a ticket.</summary>
    public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
        throw new InvalidOperationException("A call in a caller's name is made with a client of AddServiceClient.");
}

/// <summary>Puts a ticket for one service on calls that have <see cref="CallerCredentials"/>.</summary>
internal sealed class TicketInterceptor(string service, Tickets tickets) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithTicket(context));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithTicket(context));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithTicket(context));

    private ClientInterceptorContext<TRequest, TResponse> WithTicket<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        if (context.Options.Credentials is not CallerCredentials credentials)
        {
            return context;
        }

        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? [])
        {
            headers.Add(entry);
        }

        headers.Add("authorization", tickets.HeaderFor(credentials.Caller, service));
        return new ClientInterceptorContext<TRequest, TResponse>(
            context.Method, context.Host, context.Options.WithHeaders(headers).WithCredentials(null!));
    }
}
