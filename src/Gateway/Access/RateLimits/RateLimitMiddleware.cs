using System.Globalization;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>429 for a key, or for an address at an endpoint that takes requests without one, that asks too fast.</summary>
internal sealed class RateLimitMiddleware(RequestLimiter limits) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        BucketAnswer answer;
        if (CallerIdentity.CallerOf(context.User) is { } caller)
        {
            answer = await limits.TakeForKeyAsync(caller.Subject, context.RequestAborted);
            // draft-ietf-httpapi-ratelimit-headers, in the form of three fields that clients know
            context.Response.Headers["RateLimit-Limit"] = limits.PerMinute.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["RateLimit-Remaining"] = answer.Remaining.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["RateLimit-Reset"] = Math.Ceiling(answer.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        else if (context.GetEndpoint()?.Metadata.GetMetadata<LimitedPerAddress>() is not null)
        {
            answer = await limits.TakeForAddressAsync(ClientAddress.Of(context), context.RequestAborted);
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
internal sealed class LimitedPerAddress;
