using System.CommandLine;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>
/// <c>zoho doctor</c>: looks at everything between this machine and a mailing list at Zoho, and says what to do about each finding.
/// </summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Each method's quota." };

    private static readonly string Under = new(' ', 23);

    public static Command Create()
    {
        var command = new Command("doctor", "Look at gateway, key, connection, scopes, quota and list, with the fix for each finding.") { Verbose };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var findings = await Checks.AllAsync(client, Credentials.OtherKey(parsed), parsed.GetValue(Verbose), cancellationToken);
        var exit = ExitCode.Done;
        foreach (var finding in findings)
        {
            Show(finding, terminal);
            exit = finding.Status switch
            {
                Verdict.Unreachable => ExitCode.Unreachable,
                Verdict.Failed when exit == ExitCode.Done => ExitCode.Configuration,
                _ => exit,
            };
        }

        terminal.Document(new Diagnosis(exit == ExitCode.Done, exit, findings), CliJson.Default.Diagnosis);
        terminal.Line();
        var failed = findings.Count(finding => finding.Status is Verdict.Failed or Verdict.Unreachable);
        terminal.Line(
            failed == 0 ? "Nothing stands in the way." : $"{Words.Count(failed, "thing stands", "things stand")} in the way.",
            failed == 0 ? "green" : "red");
        return exit;
    }

    private static void Show(Finding finding, Terminal terminal)
    {
        var (mark, colour) = finding.Status switch
        {
            Verdict.Ok => ("ok     ", "green"),
            Verdict.Warning => ("warning", "yellow"),
            Verdict.Skipped => ("skipped", "grey"),
            Verdict.Failed or Verdict.Unreachable => ("failed ", "red"),
        };
        terminal.Item($"{mark}  {finding.Name,-12}  ", CommandWords.Said(finding.Message), colour);
        if (finding.Also is not null)
        {
            terminal.Item(Under, Words.NotEither(finding.Also));
        }

        if (finding.Fix is not null)
        {
            terminal.Item(Under, $"-> {finding.Fix}");
        }
    }
}
