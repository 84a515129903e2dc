using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>The one table from a failure's kind to an HTTP status.</summary>
internal static class HttpStatuses
{
    extension(FailureKind kind)
    {
        // no default arm: CS8509 makes a new kind fail to compile
        public int HttpStatus => kind switch
        {
            FailureKind.Invalid => StatusCodes.Status400BadRequest,
            FailureKind.Unauthenticated => StatusCodes.Status401Unauthorized,
            FailureKind.Forbidden => StatusCodes.Status403Forbidden,
            FailureKind.NotFound => StatusCodes.Status404NotFound,
            // the caller must change the state of something, not the request
            FailureKind.Conflict or FailureKind.Precondition => StatusCodes.Status409Conflict,
            FailureKind.RateLimited => StatusCodes.Status429TooManyRequests,
            FailureKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        };
    }
}
