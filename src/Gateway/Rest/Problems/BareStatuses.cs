namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>The sentences for statuses that the framework answers without a body.</summary>
internal static class BareStatuses
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="maxBodyBytes">What a body may have, where the endpoint does not take as much as others.</param>
    public static ProblemResult Of(int status, long maxBodyBytes = RequestLimits.MaxBodyBytes) => status switch
    {
        StatusCodes.Status404NotFound => new(status, "not_found", "There is nothing under this address; the endpoints are listed at /swagger."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method_not_allowed", "This address does not take that method; the Allow header lists those it takes."),
        StatusCodes.Status406NotAcceptable => new(status, "not_acceptable", "The answer is JSON; accept application/json."),
        StatusCodes.Status408RequestTimeout => new(status, "request_too_slow", "The request's body arrived too slowly."),
        StatusCodes.Status413PayloadTooLarge => new(status, "body_too_large", $"The request's body is larger than {maxBodyBytes} bytes."),
        StatusCodes.Status415UnsupportedMediaType => new(status, "content_type_not_supported", "Send the body as JSON in UTF-8 with Content-Type: application/json."),
        StatusCodes.Status500InternalServerError => new(
            status, "internal_error", "Something went wrong inside the platform; its logs hold the details under this trace id."),
        StatusCodes.Status503ServiceUnavailable => new(status, "request_timeout", "The platform could not answer in time; try again shortly.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        },
        _ => new(status, $"status_{status}", "The request could not be served."),
    };
}
