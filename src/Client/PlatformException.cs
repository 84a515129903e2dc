using System.Net;

namespace ZohoPlatform.Client;

/// <summary>The gateway refused a call, or could not be reached. The message is a sentence for a person and holds no secret.</summary>
public sealed class PlatformException : Exception
{
    internal PlatformException(HttpStatusCode? status, string code, string detail, Exception? inner = null)
        : base(detail, inner) => (Status, Code) = (status, code);

    /// <summary>Null where no answer came: the gateway was not reached, broke off, or did not answer in time.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>
    /// The problem's code: stable, branch on this. The client's own are <c>gateway_unreachable</c> (no answer), <c>answer_unreadable</c> (a
    /// success that is not the gateway's) and <c>status_NNN</c> (a failure without a problem, such as a proxy's).
    /// </summary>
    public string Code { get; }

    /// <summary>What is wrong with each field, by its name in the request.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    /// <summary>Quote it when asking for help: the platform's logs carry it.</summary>
    public string? TraceId { get; init; }

    /// <summary>How long to wait before the next attempt, where the gateway says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
