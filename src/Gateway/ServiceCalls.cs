using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway;

/// <summary>Makes the options of every gRPC call: a ticket of the caller, a deadline, and the request's own end.</summary>
internal sealed class ServiceCalls(Tickets tickets, TimeProvider clock)
{
    /// <summary>A service that has not answered by then is away; well inside the request's own limit.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>The gateway on its own account: it works for a tenant that no key stands for (bootstrap, the provider's callback).</summary>
    public const string Subject = "service:gateway";

    public CallOptions As(Caller caller, CancellationToken cancellationToken) =>
        new(tickets.For(caller), (clock.GetUtcNow() + Deadline).UtcDateTime, cancellationToken);
}

/// <summary>The request's caller and the options for calls in their name; a parameter of the endpoints that call a service.</summary>
internal sealed record ServiceCall(Caller Caller, CallOptions Options, TimeProvider Clock)
{
    /// <summary>For a stream that lasts as long as its reader stays.</summary>
    public CallOptions WithoutEnd => Options.WithDeadline(DateTime.MaxValue);

    /// <summary>For what takes longer than others; goes with <see cref="RequestLimits.MayTake"/>.</summary>
    public CallOptions Within(TimeSpan limit) => Options.WithDeadline((Clock.GetUtcNow() + limit).UtcDateTime);

    public static ValueTask<ServiceCall?> BindAsync(HttpContext context)
    {
        var caller = context.Caller;
        var services = context.RequestServices;
        return ValueTask.FromResult<ServiceCall?>(new ServiceCall(
            caller,
            services.GetRequiredService<ServiceCalls>().As(caller, context.RequestAborted),
            services.GetRequiredService<TimeProvider>()));
    }
}
