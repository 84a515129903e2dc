using System.Text.Json.Serialization;
using ZohoPlatform.Api;

namespace ZohoPlatform.Cli.Doctor;

[JsonConverter(typeof(ApiNameConverter<FindingStatus>))]
internal enum FindingStatus
{
    Ok,

    /// <summary>Works, but somebody should know.</summary>
    Warning,

    /// <summary>This key may not look.</summary>
    Skipped,
    Failed,

    /// <summary>What answers for it is away.</summary>
    Unreachable,
}

/// <param name="Name">What was looked at.</param>
/// <param name="Status">Whether it works.</param>
/// <param name="Message">What was found.</param>
/// <param name="Fix">What to do; null where there is nothing to do, or the message says it.</param>
internal sealed record Finding(string Name, FindingStatus Status, string Message, string? Fix = null);

/// <summary>What <c>zoho doctor --json</c> answers.</summary>
internal sealed record Diagnosis(bool Ok, int ExitCode, IReadOnlyList<Finding> Findings);
