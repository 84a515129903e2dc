using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Idempotency;

/// <summary>
/// POST with an Idempotency-Key is done once per tenant, key and 24 hours: a repetition gets the first success again. A request that failed
/// frees its key. Runs after authorization, so that nobody reads an answer that they could not have asked for.
/// </summary>
internal sealed partial class IdempotentRequests(IdempotencyStore store, ILogger<IdempotentRequests> logger) : IMiddleware
{
    public const string HeaderName = "Idempotency-Key";
    public const string ReplayedHeaderName = "Idempotency-Replayed";
    public const int MaxKeyLength = 200;

    // storing the outcome must not hang on a client that left, nor for ever on a database that went away
    private static readonly TimeSpan OutcomeLimit = TimeSpan.FromSeconds(5);

    private static readonly ProblemResult KeyInvalid = new(
        StatusCodes.Status400BadRequest,
        "invalid_field",
        $"{HeaderName} must be one value of 1 to {MaxKeyLength} visible ASCII characters.")
    {
        Field = HeaderName,
    };
    private static readonly ProblemResult InProgress = new(
        StatusCodes.Status409Conflict,
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still running: try again for its answer.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };
    private static readonly ProblemResult Reused = new(
        StatusCodes.Status422UnprocessableEntity,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request, with another address or other fields: use a new key for each request.");
    private static readonly ProblemResult Used = new(
        StatusCodes.Status409Conflict,
        "idempotency_key_used",
        "This request was done already, and its answer held a secret that is shown only once. If it got lost, delete what was made and make it again.");

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var header = context.Request.Headers[HeaderName];
        if (!HttpMethods.IsPost(context.Request.Method)
            || header.Count == 0
            || context.GetEndpoint()?.Metadata.Any(mark => mark is StreamedBody or ProviderHook) is true
            || CallerIdentity.CallerOf(context.User) is not { Tenant: var tenant, Owner: var owner })
        {
            await next(context);
            return;
        }

        if (header is not [{ Length: > 0 and <= MaxKeyLength } key] || key.Any(c => c is < '!' or > '~'))
        {
            await KeyInvalid.ExecuteAsync(context);
            return;
        }

        var claim = await store.ClaimAsync(tenant, key, await HashAsync(context.Request, owner), context.RequestAborted);
        await (claim switch
        {
            Claim.Won won => RunAsync(context, next, tenant, key, won.Id),
            Claim.Running => InProgress.ExecuteAsync(context),
            Claim.OtherRequest => Reused.ExecuteAsync(context),
            Claim.Done { Answer: var answer } => HoldsSecret(context) ? Used.ExecuteAsync(context) : ReplayAsync(context, answer),
            _ => throw new InvalidOperationException($"Unknown claim {claim}."),
        });
    }

    private async Task RunAsync(HttpContext context, RequestDelegate next, TenantId tenant, string key, Guid claim)
    {
        var (client, itsLeaving) = (context.Response.Body, context.RequestAborted);
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        // who gives up waiting asks again with the same key: what has begun goes on to its end, so that there is an answer to give
        context.RequestAborted = context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken ?? CancellationToken.None;
        var succeeded = false;
        try
        {
            await next(context);
            succeeded = context.Response.StatusCode is >= 200 and < 300;
        }
        finally
        {
            (context.Response.Body, context.RequestAborted) = (client, itsLeaving);
            await NoteOutcomeAsync(context, tenant, key, claim, succeeded, answer);
        }

        answer.Position = 0;
        await answer.CopyToAsync(client, context.RequestAborted);
    }

    private async Task NoteOutcomeAsync(HttpContext context, TenantId tenant, string key, Guid claim, bool succeeded, MemoryStream answer)
    {
        using var limit = new CancellationTokenSource(OutcomeLimit);
        try
        {
            if (succeeded)
            {
                var response = context.Response;
                await store.CompleteAsync(
                    tenant,
                    key,
                    claim,
                    new StoredAnswer(response.StatusCode, response.ContentType, response.Headers.Location, HoldsSecret(context) ? null : answer.ToArray()),
                    limit.Token);
            }
            else
            {
                await store.ReleaseAsync(tenant, key, claim, limit.Token);
            }
        }
        catch (Exception e) when (StorageOutage.Is(e) || limit.IsCancellationRequested)
        {
            // the request itself was done: its answer goes out, and a repetition is taken over like that of a crashed replica
            LogOutcomeLost(e, tenant);
        }
    }

    private static async Task ReplayAsync(HttpContext context, StoredAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers[ReplayedHeaderName] = "true";
        response.ContentType = answer.ContentType;
        response.Headers.Location = answer.Location;
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, string? owner)
    {
        // the size limit of the server and of the endpoint holds here too; within it the body stays in memory
        request.EnableBuffering(bufferThreshold: (int)RequestLimits.MaxBodyOf(request.HttpContext));
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        return RequestText.Sha256Of(request, owner, body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static bool HoldsSecret(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<SecretAnswer>() is not null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {Tenant}: the outcome of a request with an Idempotency-Key could not be stored")]
    private partial void LogOutcomeLost(Exception exception, TenantId tenant);
}

/// <summary>Marks an endpoint whose answer holds a secret: it is never stored.</summary>
internal sealed class SecretAnswer;

/// <summary>
/// Marks an endpoint that takes a body of any size while it arrives: the server's limit does not hold for it, the endpoint has its own, and
/// an Idempotency-Key has no effect, because comparing two requests would mean to keep them. It is counted as an upload and ends with its key.
/// </summary>
internal sealed class StreamedBody;

internal static class IdempotencyMarks
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        public T WithSecretAnswer() => endpoint.WithMetadata(new SecretAnswer());

        public T WithStreamedBody() => endpoint.WithMetadata(new StreamedBody(), new DisableRequestSizeLimitAttribute());
    }
}
