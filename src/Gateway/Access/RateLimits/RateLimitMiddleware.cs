using System.Globalization;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>
/// 429 for a key, with all keys of its owner or of its tenant, for an address at an endpoint that takes requests without one, or for a provider's
/// channel, that asks too fast.
/// </summary>
internal sealed class RateLimitMiddleware(RequestLimiter limits) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        BucketAnswer answer;
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<ProviderHook>() is { } hook)
        {
            answer = await limits.TakeForChannelAsync(hook.ChannelOf(context), ClientAddress.Of(context), context.RequestAborted);
        }
        else if (CallerIdentity.CallerOf(context.User) is { } caller)
        {
            answer = await limits.TakeForCallerAsync(caller, context.RequestAborted);
            // draft-ietf-httpapi-ratelimit-headers, in the form of three fields that clients know; its later form names the limit
            context.Response.Headers["RateLimit-Policy"] = string.Create(
                CultureInfo.InvariantCulture, $"\"{answer.Rule.Of}\";q={answer.Rule.PerMinute};w=60");
            context.Response.Headers["RateLimit-Limit"] = answer.Rule.PerMinute.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["RateLimit-Remaining"] = answer.Remaining.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["RateLimit-Reset"] = Math.Ceiling(answer.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        else if (metadata?.GetMetadata<LimitedPerAddress>() is { } limited)
        {
            answer = await limits.TakeForAddressAsync(
                limited.Purpose, limited.NotGuessed?.Invoke(context) ?? ClientAddress.Of(context), context.RequestAborted);
        }
        else
        {
            await next(context);
            return;
        }

        await (answer.Allowed ? next(context) : ((ProblemResult)RequestLimiter.TooMany(answer)).ExecuteAsync(context));
    }
}

/// <summary>Marks an endpoint that answers without a key.</summary>
/// <param name="Purpose">What its callers have a share of their own for.</param>
internal sealed record LimitedPerAddress(string Purpose)
{
    /// <summary>
    /// What a request brings that nobody can make up, told apart without asking anybody: it has a share of its own, so that nobody else at the
    /// address can use that up. Null where it brings none.
    /// </summary>
    public Func<HttpContext, string?>? NotGuessed { get; init; }
}
