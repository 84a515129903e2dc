namespace ZohoPlatform.Api;

/// <summary>Every failure of the gateway (RFC 9457), as <c>application/problem+json</c>.</summary>
/// <param name="Type">Identifies the kind of problem: a URN made of <paramref name="Code"/>.</param>
/// <param name="Title">The HTTP status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Stable and machine-read: branch on this, not on the sentences.</param>
/// <param name="Detail">What went wrong and what to do, for a person.</param>
/// <param name="Errors">What is wrong with each field, by its name in the request; absent where no field is at fault.</param>
/// <param name="TraceId">Quote it when asking for help: the platform's logs carry it.</param>
public sealed record Problem(
    string Type, string Title, int Status, string Code, string Detail, IReadOnlyDictionary<string, string[]>? Errors, string TraceId);
