using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>
/// Streams of events are counted with those of the gRPC port, and end with their key. A replica that stops does not wait for their readers:
/// they go on at another one.
/// </summary>
internal sealed class EventStreams(OpenStreams streams, CallLife life, IHostApplicationLifetime host) : IMiddleware
{
    // the service ends a stream with the ticket that opened it
    private static readonly TimeSpan Longest = Tickets.Life + TimeSpan.FromMinutes(1);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<EventStream>() is null)
        {
            await next(context);
            return;
        }

        using var stream = streams.Open(context.Caller);
        if (stream.Refusal is { } refusal)
        {
            await ((ProblemResult)refusal).ExecuteAsync(context);
            return;
        }

        // its reader opens it again, and is told then that the key is gone
        await life.RunAsync(context, ApiKeyCheck.TextOf(context), Longest, next, host.ApplicationStopping);
    }
}
