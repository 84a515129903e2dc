using System.CommandLine;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Trace;

/// <summary><c>zoho trace</c>: what the services have logged of one call, by the trace id that its answer had.</summary>
internal static class TraceCommand
{
    private const int Length = 32;
    private const int Most = 10_000;

    private static readonly Argument<string> Id = new("id") { HelpName = "ID", Description = "The trace_id of a problem: 32 hex digits." };

    public static Command Create()
    {
        var command = new Command("trace", "The log lines of one call, of all services of the platform launched in this checkout.")
        {
            Id, LaunchLogs.StateDirectory,
        };
        command.Runs((parsed, terminal, _) => Task.FromResult(Run(parsed, terminal)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        var id = parsed.GetRequiredValue(Id).Trim().ToLowerInvariant();
        if (id.Length != Length || !id.All(char.IsAsciiHexDigit))
        {
            throw new CommandFailure("trace_id_invalid", $"{id} is no trace id: it has {Length} hex digits, as trace_id of a problem shows it.", ExitCode.Usage);
        }

        var logs = LaunchLogs.Find(parsed);
        var lines = logs.Read([], line => line.Contains(id, StringComparison.Ordinal), Most);
        if (lines.Count == 0)
        {
            throw new CommandFailure(
                "trace_not_found",
                "No service launched in this checkout has logged anything of it: logs go back to the launch before this one, and calls to another gateway "
                + "are in its operator's.");
        }

        terminal.Show(lines);
        if (logs.Dashboard($"/traces/detail/{id}") is { } dashboard)
        {
            terminal.Note($"With its calls and times: {dashboard.AbsoluteUri}");
        }

        return ExitCode.Done;
    }
}
