using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>Makes the options of every gRPC call: the caller's name, a deadline, and the request's own end.</summary>
internal sealed class ServiceCalls(Tickets tickets)
{
    /// <summary>A service that has not answered by then is away; well inside the request's own limit.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>What the gateway is called in tickets and in the audit.</summary>
    public const string Service = "gateway";

    public static CallOptions As(Caller caller, CancellationToken cancellationToken) =>
        new(deadline: CallDeadline.In(Deadline), cancellationToken: cancellationToken, credentials: new CallerCredentials(caller));

    /// <summary>The gateway on its own account: it works for a tenant that no key stands for (bootstrap, the provider's callback).</summary>
    public CallOptions AsItself(TenantId tenant, CancellationToken cancellationToken) => As(tickets.OwnCaller(tenant), cancellationToken);
}

/// <summary>The request's caller and the options for calls in their name; a parameter of the endpoints that call a service.</summary>
internal sealed record ServiceCall(Caller Caller, CallOptions Options)
{
    /// <summary>For a stream that lasts as long as its reader stays.</summary>
    public CallOptions WithoutEnd => Options.WithDeadline(DateTime.MaxValue);

    /// <summary>For what takes longer than others; goes with <see cref="RequestLimits.MayTake"/>.</summary>
    public CallOptions Within(TimeSpan limit) => Options.WithDeadline(CallDeadline.In(limit));

    public static ValueTask<ServiceCall?> BindAsync(HttpContext context)
    {
        var caller = context.Caller;
        return ValueTask.FromResult<ServiceCall?>(new ServiceCall(caller, ServiceCalls.As(caller, context.RequestAborted)));
    }
}
