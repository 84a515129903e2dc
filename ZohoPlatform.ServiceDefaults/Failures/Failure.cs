namespace ZohoPlatform.ServiceDefaults.Failures;

/// <summary>An expected failure: part of the contract, never a bug.</summary>
/// <param name="Kind">What the caller can do about it; decides the gRPC and HTTP status.</param>
/// <param name="Code">Stable and machine-read, in snake_case: <c>grant_revoked</c>.</param>
/// <param name="Message">A sentence a person can act on. Never holds a secret, and never what a provider wrote unchecked.</param>
public sealed record Failure(FailureKind Kind, string Code, string Message)
{
    /// <summary>The field of the request that is wrong, in the caller's spelling; null where no single field is.</summary>
    public string? Field { get; init; }

    /// <summary>After how long trying again can help; null where nobody knows or where it cannot.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A request whose field is wrong; the message must say how to mend it.</summary>
    public static Failure InvalidField(string field, string message) =>
        new(FailureKind.Invalid, "invalid_field", message) { Field = field };
}

/// <summary>What a caller can do about a <see cref="Failure"/>.</summary>
public enum FailureKind
{
    /// <summary>Change the request.</summary>
    Invalid,

    /// <summary>Show a valid key or ticket.</summary>
    Unauthenticated,

    /// <summary>Ask with a role that may.</summary>
    Forbidden,

    /// <summary>Nothing: it does not exist, or not for this tenant.</summary>
    NotFound,

    /// <summary>Look again: the thing is in another state than the request needs, or exists already.</summary>
    Conflict,

    /// <summary>A person must set something up or connect again.</summary>
    Precondition,

    /// <summary>Slow down.</summary>
    RateLimited,

    /// <summary>Try later: something this request needs does not answer.</summary>
    Unavailable,
}
