using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>How long a request may take before it is answered 503, and how large its body may be.</summary>
internal static class RequestLimits
{
    public const long MaxBodyBytes = 1024 * 1024;

    /// <summary>What the body of this request may have.</summary>
    public static long MaxBodyOf(HttpContext context) =>
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? MaxBodyBytes;

    // the call behind it ends first, and with it comes the better answer
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>What holds for every endpoint that says nothing else.</summary>
    public static readonly RequestTimeoutPolicy Usual = Of(TimeSpan.FromSeconds(30));

    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>Lets a request take a little longer than <paramref name="call"/>, which its call to a service may take.</summary>
        public T MayTake(TimeSpan call)
        {
            endpoint.WithRequestTimeout(Of(call + Grace));
            return endpoint;
        }
    }

    private static RequestTimeoutPolicy Of(TimeSpan limit) => new()
    {
        Timeout = limit,
        TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
    };
}
