namespace ZohoPlatform.Cli;

/// <summary>Ends a command: a sentence for a person, a code for machines, and the exit code.</summary>
internal sealed class CommandFailure(string code, string message, int exitCode = ExitCode.Configuration) : Exception(message)
{
    public string Code => code;

    public int Exit => exitCode;
}
