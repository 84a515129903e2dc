using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>
/// Streams of events, downloads and uploads are counted with those of the gRPC port, and end with their key. A replica that stops does not wait
/// for the readers of events: they go on at another one. What a provider calls by itself is counted, too, for it is nobody's whom one could ask to stop.
/// </summary>
internal sealed class LongCalls(OpenStreams streams, CallLife life, IHostApplicationLifetime host) : IMiddleware
{
    // the service ends a stream with the ticket that opened it
    private static readonly TimeSpan LongestStream = Tickets.Life + TimeSpan.FromMinutes(1);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<EventStream>() is not null)
        {
            using var stream = streams.Open(context.Caller);
            await RunAsync(context, stream, LongestStream, next, host.ApplicationStopping);
        }
        else if (metadata?.GetMetadata<Download>() is { } download && download.IsAskedFor(context.Request))
        {
            using var stream = streams.Open(context.Caller);
            await RunAsync(context, stream, TimeSpan.MaxValue, next, CancellationToken.None);
        }
        else if (metadata?.GetMetadata<StreamedBody>() is not null)
        {
            using var upload = streams.OpenUpload(context.Caller);
            // how long they may take is their endpoints' to say
            await RunAsync(context, upload, TimeSpan.MaxValue, next, CancellationToken.None);
        }
        else if (metadata?.GetMetadata<ProviderHook>() is { } provider && provider.ChannelOf(context) != ProviderHook.NoChannel)
        {
            // where nobody can have the channel nothing is read, and no place is taken
            using var hook = streams.OpenHook(ClientAddress.Of(context));
            await (hook.Refusal is { } refusal ? ((ProblemResult)refusal).ExecuteAsync(context) : next(context));
        }
        else
        {
            await next(context);
        }
    }

    private async Task RunAsync(HttpContext context, OpenStream open, TimeSpan longest, RequestDelegate next, CancellationToken stopping)
    {
        if (open.Refusal is { } refusal)
        {
            await ((ProblemResult)refusal).ExecuteAsync(context);
            return;
        }

        var end = await life.RunAsync(context, ApiKeyCheck.TextOf(context), longest, next, stopping);
        if (end is not CallEnd.KeyGone)
        {
            return;
        }

        if (!context.Response.HasStarted)
        {
            await ((ProblemResult)ApiKeyCheck.Invalid).ExecuteAsync(context);
        }
        else if (context.GetEndpoint()!.Metadata.GetMetadata<EventStream>() is null)
        {
            // who reads events opens them again, and is told then; half a download must not look whole
            context.Abort();
        }
    }
}
