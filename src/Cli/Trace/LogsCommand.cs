using System.CommandLine;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Trace;

/// <summary><c>zoho logs</c>: the last lines of all services, in the order of their times.</summary>
internal static class LogsCommand
{
    private const int Most = 100_000;

    private static readonly Argument<string[]> Services = new("service")
    {
        HelpName = "SERVICE",
        Description = "Of these alone: gateway, tokens, campaigns...",
        Arity = ArgumentArity.ZeroOrMore,
        CompletionSources = { LaunchLogs.Services },
    };

    private static readonly Option<int> Lines = new("--lines")
    {
        HelpName = "N",
        Description = "How many, 100 unless given.",
        DefaultValueFactory = _ => 100,
    };

    public static Command Create()
    {
        var command = new Command("logs", "The last log lines of the platform launched in this checkout.")
        {
            Services, Lines, LaunchLogs.StateDirectory,
        };
        command.Runs((parsed, terminal, _) => Task.FromResult(Run(parsed, terminal)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        var most = parsed.GetValue(Lines);
        if (most is < 1 or > Most)
        {
            throw new CommandFailure("lines_invalid", $"--lines must be from 1 to {Words.Of(Most)}.", ExitCode.Usage);
        }

        var logs = LaunchLogs.Find(parsed);
        terminal.Show(logs.Read(parsed.GetValue(Services) ?? [], _ => true, most));
        if (logs.Dashboard("/structuredlogs") is { } dashboard)
        {
            terminal.Note($"On the dashboard: {dashboard.AbsoluteUri}");
        }

        return ExitCode.Done;
    }
}
