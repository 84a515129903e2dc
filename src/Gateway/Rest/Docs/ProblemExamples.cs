using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Api;

namespace ZohoPlatform.Gateway.Rest.Docs;

/// <summary>One failure of each status, as the API description shows it.</summary>
internal static class ProblemExamples
{
    public static Problem Of(int status)
    {
        var (code, detail, field) = status switch
        {
            StatusCodes.Status400BadRequest => ("invalid_field", "email is not a mail address.", "email"),
            StatusCodes.Status401Unauthorized => ("key_invalid", "The API key is unknown, expired or deleted: ask an admin of your tenant for a new one.", null),
            StatusCodes.Status403Forbidden => ("role_missing", "This needs the role admin, and the caller's is viewer: use a key that has it, which an admin of the tenant can make.", null),
            StatusCodes.Status404NotFound => ("connection_not_found", "There is no such connection.", null),
            StatusCodes.Status409Conflict => ("idempotency_in_progress", "The first request with this Idempotency-Key is still running.", null),
            StatusCodes.Status412PreconditionFailed => ("etag_mismatch", "It was changed meanwhile: read it again and change what it is now.", null),
            StatusCodes.Status413PayloadTooLarge => ("body_too_large", "The request's body is larger than 1048576 bytes.", null),
            StatusCodes.Status415UnsupportedMediaType => ("content_type_not_supported", "Send the body as JSON in UTF-8 with Content-Type: application/json.", null),
            StatusCodes.Status422UnprocessableEntity => ("idempotency_key_reused", "This Idempotency-Key was used for another request.", null),
            StatusCodes.Status429TooManyRequests => ("too_many_requests", "Too many requests in a short time: wait as long as Retry-After says.", null),
            StatusCodes.Status503ServiceUnavailable => ("service_unavailable", "A service of the platform does not answer; try again shortly.", (string?)null),
            _ => ("internal_error", "Something went wrong inside the platform; its logs hold the details under this trace id.", null),
        };
        return new Problem(
            $"urn:zoho-platform:problem:{code}",
            ReasonPhrases.GetReasonPhrase(status),
            status,
            code,
            detail,
            field is null ? null : new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [detail] },
            "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}
