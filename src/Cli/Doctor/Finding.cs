using System.Text.Json.Serialization;
using ZohoPlatform.Api;

namespace ZohoPlatform.Cli.Doctor;

[JsonConverter(typeof(ApiNameConverter<Verdict>))]
internal enum Verdict
{
    Ok,

    /// <summary>Works, but somebody should know.</summary>
    Warning,

    /// <summary>Not looked at: this key may not, or it would cost too much.</summary>
    Skipped,
    Failed,

    /// <summary>What answers for it is away.</summary>
    Unreachable,
}

/// <param name="Name">What was looked at.</param>
/// <param name="Status">Whether it works.</param>
/// <param name="Message">What was found.</param>
/// <param name="Fix">What to do; null where there is nothing to do, or the message says it.</param>
internal sealed record Finding(string Name, Verdict Status, string Message, string? Fix = null)
{
    /// <summary>The cause, machine-read; null where nothing is wrong, or nobody said.</summary>
    public string? Code { get; init; }

    /// <summary>The connection that it is about; null where it is about none.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>The module of a CRM that it is about; null where it is about none.</summary>
    public string? Module { get; init; }

    /// <summary>What does not work either because of it; null for none.</summary>
    public IReadOnlyList<string>? Also { get; init; }

    [JsonIgnore]
    public bool IsWrong => Status is Verdict.Failed or Verdict.Unreachable or Verdict.Warning;
}

/// <summary>What <c>zoho doctor --json</c> answers.</summary>
internal sealed record Diagnosis(bool Ok, int ExitCode, IReadOnlyList<Finding> Findings);
