using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Door;

/// <summary>
/// What every call at the gRPC port goes through: only what is offered, a key, its limit; and an end with its key. Roles and permissions are
/// the services' to look at, as for REST.
/// </summary>
internal sealed class DoorMiddleware(
    ApiKeyCheck keys, ApiKeyVerifier verifier, RequestLimiter limits, TimeProvider clock, IHostApplicationLifetime host) : IMiddleware
{
    // a key that was deleted here ends its streams then, one that was deleted at another replica when the verifier forgets it
    private static readonly TimeSpan LookAtKeyEvery = TimeSpan.FromSeconds(1);

    private static readonly RpcException NotOffered = new(new Status(
        StatusCode.Unimplemented, "This port does not offer such a method: reflection lists those that it does."));

    private static readonly Failure ServiceAway = new(
        FailureKind.Unavailable, "service_unavailable", "A service of the platform does not answer; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private static readonly Failure NotConfigured = new(
        FailureKind.Unavailable, "service_not_configured", "This part of the platform is not set up here, or none of its replicas answers.");

    private static readonly Failure Stopping = new(
        FailureKind.Unavailable, "replica_stopping", "This replica of the gateway stops: call again, and another one answers.");

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is not true)
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<DoorEndpoint>() is not { } endpoint)
        {
            response.Refuse(NotOffered);
            return;
        }

        try
        {
            if (endpoint.IsOpen)
            {
                var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
                if (await limits.TakeForAddressAsync(address, context.RequestAborted) is { Allowed: false } many)
                {
                    response.Refuse(RequestLimiter.TooMany(many));
                    return;
                }

                await next(context);
            }
            else if (!(await keys.CheckAsync(context)).Succeeded(out var caller, out var failure))
            {
                response.Refuse(failure);
            }
            else if (await limits.TakeForKeyAsync(caller.Subject, context.RequestAborted) is { Allowed: false } spent)
            {
                response.Refuse(RequestLimiter.TooMany(spent));
            }
            else
            {
                await PassOnAsync(context, endpoint, caller, next);
            }
        }
        catch (Exception e) when (StorageOutage.Is(e) && !response.HasStarted)
        {
            response.Refuse(StorageOutage.Failure);
        }
    }

    private async Task PassOnAsync(HttpContext context, DoorEndpoint endpoint, Caller caller, RequestDelegate next)
    {
        var left = context.RequestAborted;
        using var ended = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, ended.Token, host.ApplicationStopping);
        context.RequestAborted = end.Token;
        context.Features.Set<IHttpResetFeature>(new NoReset());
        context.Features.Set(new DoorCall(caller));
        if (endpoint.IsUpload)
        {
            context.Request.Body = new PaidMessages(context.Request.Body, caller.Subject, limits, clock);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(left);
        var watch = EndWithKeyAsync(ApiKeyCheck.TextOf(context)!, ended, over.Token);
        await next(context);
        await over.CancelAsync();
        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.RequestAborted = left;
        if (left.IsCancellationRequested)
        {
            return;     // nobody is there to be told
        }

        if (ended.IsCancellationRequested)
        {
            context.Response.Refuse(ApiKeyCheck.Invalid);
        }
        // what a service has answered stays its answer: it may refuse an upload that is still on its way
        else if (context.GetForwarderErrorFeature() is { } error && !context.Response.HasStatus)
        {
            context.Response.Refuse(
                host.ApplicationStopping.IsCancellationRequested ? Stopping
                    : error.Error is ForwarderError.NoAvailableDestinations ? NotConfigured
                    : ServiceAway);
        }
    }

    private async Task EndWithKeyAsync(string key, CancellationTokenSource ended, CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(LookAtKeyEvery, clock, over);
            try
            {
                if (verifier.Recall(key) is null && await verifier.VerifyAsync(key, over) is null)
                {
                    await ended.CancelAsync();
                    return;
                }
            }
            catch (Exception e) when (StorageOutage.Is(e))
            {
                // nobody can say; the next look may
            }
        }
    }
}
