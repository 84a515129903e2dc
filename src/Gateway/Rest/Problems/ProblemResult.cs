using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Api;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Rest.Problems;

/// <summary>A <see cref="Problem"/> on its way out: the only place where the gateway writes one.</summary>
internal sealed class ProblemResult(int status, string code, string detail) : IResult
{
    public const string ContentType = "application/problem+json";

    private static readonly TimeSpan WhenNobodyKnows = TimeSpan.FromSeconds(5);

    public string? Field { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public static implicit operator ProblemResult(Failure failure) => new(failure.HttpStatus, failure.Code, failure.Message)
    {
        Field = failure.Field,
        RetryAfter = failure.RetryAfter ?? (failure.Kind is FailureKind.Unavailable or FailureKind.RateLimited ? WhenNobodyKnows : null),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (ForPeople.Of(httpContext) is { } people)
        {
            return PageFor(people, httpContext).ExecuteAsync(httpContext);
        }

        var problem = new Problem(
            $"urn:zoho-platform:problem:{code}",
            ReasonPhrases.GetReasonPhrase(status),
            status,
            code,
            detail,
            Field is null ? null : new Dictionary<string, string[]>(StringComparer.Ordinal) { [Field] = [detail] },
            TraceOf(httpContext));
        return response.WriteAsJsonAsync(problem, options: null, ContentType, httpContext.RequestAborted);
    }

    private HtmlPage PageFor(ForPeople people, HttpContext context) => new(status, PageMood.Bad, people.Title, detail)
    {
        Facts = status < StatusCodes.Status500InternalServerError
            ? [new("Code", code)]
            : [new("Code", code), new("Trace id", TraceOf(context))],
    };

    /// <summary>What an answer and the log's line of it share.</summary>
    public static string TraceOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}
