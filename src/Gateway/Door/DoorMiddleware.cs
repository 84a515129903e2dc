using System.Security.Claims;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Door;

/// <summary>
/// What every call at the gRPC port goes through: only what is offered, a key, its limits; and an end with its key or its time. Roles and
/// permissions are the services' to look at, as for REST.
/// </summary>
internal sealed class DoorMiddleware(
    ApiKeyCheck keys,
    RequestLimiter limits,
    OpenStreams streams,
    CallLife life,
    TimeProvider clock,
    IHostApplicationLifetime host)
    : IMiddleware
{
    private static readonly RpcException NotOffered = new Failure(
        FailureKind.NotFound, "method_not_offered", "This port does not offer such a method: reflection lists those that it does.")
        .ToRpcException(StatusCode.Unimplemented);

    private static readonly RpcException TookTooLong = new Failure(
        FailureKind.Unavailable, "call_too_long",
        "A call may take 100 seconds: what was asked for may have been done, look before you ask again.")
        .ToRpcException(StatusCode.DeadlineExceeded);

    private static readonly RpcException DeadlinePassed = new Failure(
        FailureKind.Unavailable, "deadline_passed",
        "The call's own deadline has passed: what was asked for may have been done, look before you ask again.")
        .ToRpcException(StatusCode.DeadlineExceeded);

    private static readonly RpcException KeyEnded = ApiKeyCheck.Invalid.ToRpcException();

    private static readonly RpcException StreamOver = new Failure(
        FailureKind.Unavailable, "stream_over", "A stream has its time, and this one's has passed: open it again.").ToRpcException();

    private static readonly Failure ServiceAway = new(
        FailureKind.Unavailable, "service_unavailable", "A service of the platform does not answer; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private static readonly Failure NotConfigured = new(
        FailureKind.Unavailable, "service_not_configured", "This part of the platform is not set up here, or none of its replicas answers.");

    private static readonly Failure Stopping = new(
        FailureKind.Unavailable, "replica_stopping", "This replica of the gateway stops: call again, and another one answers.");

    // a row is a message, and a file by REST is one request: what is sent costs what it costs to pass on
    private const int MessagesOfACall = 1_000;

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
            Refuse(response, NotOffered);
            return;
        }

        try
        {
            if (endpoint.OpenFor is { } purpose)
            {
                var address = ClientAddress.Of(context);
                await AnswerAsync(
                    context, endpoint, next, key: null,
                    cancellationToken => limits.TakeForAddressAsync(purpose, address, cancellationToken),
                    () => streams.Open(purpose, address));
            }
            else if ((await keys.CheckAsync(context)).Succeeded(out var caller, out var failure))
            {
                context.User = new ClaimsPrincipal(new CallerIdentity(caller));
                context.Features.Set(new DoorCall(caller, DoorCall.TimeoutOf(context.Request), clock));
                await AnswerAsync(
                    context, endpoint, next, ApiKeyCheck.TextOf(context),
                    cancellationToken => limits.TakeForCallerAsync(caller, cancellationToken),
                    () => endpoint.IsUpload ? streams.OpenUpload(caller) : streams.Open(caller));
            }
            else
            {
                Refuse(response, failure.ToRpcException());
            }
        }
        catch (Exception e) when (StorageOutage.Is(e) && !response.HasStarted)
        {
            Refuse(response, StorageOutage.Failure.ToRpcException());
        }
    }

    private async Task AnswerAsync(
        HttpContext context,
        DoorEndpoint endpoint,
        RequestDelegate next,
        string? key,
        Func<CancellationToken, Task<BucketAnswer>> payAsync,
        Func<OpenStream> open)
    {
        if (await payAsync(context.RequestAborted) is { Allowed: false } spent)
        {
            Refuse(context.Response, RequestLimiter.TooMany(spent).ToRpcException());
            return;
        }

        using var stream = endpoint.IsStream ? open() : null;
        if (stream?.Refusal is { } refusal)
        {
            Refuse(context.Response, refusal.ToRpcException());
            return;
        }

        await PassOnAsync(context, endpoint, next, key, payAsync);
    }

    private async Task PassOnAsync(
        HttpContext context, DoorEndpoint endpoint, RequestDelegate next, string? key, Func<CancellationToken, Task<BucketAnswer>> payAsync)
    {
        // a watch of health tells first that the replica stops, and ends by itself
        var stopping = endpoint is { IsOpen: true, IsUpload: false } ? CancellationToken.None : host.ApplicationStopping;
        context.Features.Set<IHttpResetFeature>(new NoReset());
        var own = context.Features.Get<DoorCall>();
        var end = await life.RunAsync(
            context,
            key,
            own?.LifeOf(endpoint.Life) ?? endpoint.Life,
            call =>
            {
                if (endpoint.IsUpload)
                {
                    call.Request.Body = new PaidMessages(
                        call.Request.Body, endpoint.IsOpen ? 1 : MessagesOfACall, payAsync, clock, call.RequestAborted);
                }

                return next(call);
            },
            stopping);
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;     // nobody is there to be told
        }

        if (end is CallEnd.KeyGone)
        {
            Refuse(context.Response, KeyEnded);
        }
        else if (own is { IsLate: true } && (end is CallEnd.TimeOver || !context.Response.HasGrpcStatus))
        {
            Refuse(context.Response, DeadlinePassed);
        }
        else if (end is CallEnd.TimeOver)
        {
            Refuse(context.Response, endpoint.IsStream ? StreamOver : TookTooLong);
        }
        // what a service has answered stays its answer: it may refuse an upload that is still on its way
        else if (!context.Response.HasGrpcStatus && context.GetForwarderErrorFeature() is { } error)
        {
            var failure = host.ApplicationStopping.IsCancellationRequested ? Stopping
                : error.Error is ForwarderError.NoAvailableDestinations ? NotConfigured
                : ServiceAway;
            Refuse(context.Response, failure.ToRpcException());
        }
    }

    private static void Refuse(HttpResponse response, RpcException refusal)
    {
        response.Refuse(refusal);
        var fields = response.HasStarted
            ? response.HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : response.Headers;
        fields.Remove(DoorHosting.Pushback);
    }
}
