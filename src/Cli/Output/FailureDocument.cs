namespace ZohoPlatform.Cli.Output;

/// <summary>How a command that failed ends with --json.</summary>
internal sealed record ErrorDocument(FailureDocument Error);

/// <param name="Code">Stable and machine-read.</param>
/// <param name="Detail">What went wrong, for a person.</param>
/// <param name="Hint">What to do; null where the detail says it.</param>
/// <param name="Errors">What is wrong with each field; null where no field is at fault.</param>
/// <param name="TraceId">For the logs; null where nobody was asked.</param>
/// <param name="ExitCode">What the command ends with.</param>
internal sealed record FailureDocument(
    string Code, string Detail, string? Hint, IReadOnlyDictionary<string, string[]>? Errors, string? TraceId, int ExitCode)
{
    /// <summary>One that no field and no call is at fault for.</summary>
    public static FailureDocument Of(string code, string detail, int exitCode, string? hint = null) => new(code, detail, hint, null, null, exitCode);
}
