using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>The one table from a failure to an HTTP status.</summary>
internal static class HttpStatuses
{
    private const string OtherEtag = "etag_mismatch";

    extension(Failure failure)
    {
        // HTTP has a status of its own for what If-Match asked for
        public int HttpStatus => failure.Code == OtherEtag ? StatusCodes.Status412PreconditionFailed : failure.Kind.HttpStatus;
    }

    extension(FailureKind kind)
    {
        // no default arm: CS8509 makes a new kind fail to compile
        private int HttpStatus => kind switch
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
