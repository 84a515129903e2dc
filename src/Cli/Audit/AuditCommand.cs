using System.CommandLine;
using System.Text.Json;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client.Audit;

namespace ZohoPlatform.Cli.Audit;

/// <summary><c>zoho audit</c>: who did what, whether it is as it was written, and all of it elsewhere.</summary>
internal static class AuditCommand
{
    private static readonly Option<string?> Service = new("--service")
    {
        HelpName = "NAME",
        Description = "Only what this service wrote: gateway, tokens, campaigns or webhooks.",
        CompletionSources = { "gateway", "tokens", "campaigns", "webhooks" },
    };

    private static readonly Option<string?> Subject = new("--subject")
    {
        HelpName = "SUBJECT",
        Description = "Only what was done to this: connection: and its id, settings:zoho, key: and its id.",
    };

    private static readonly Option<string?> Action = new("--action") { HelpName = "ACTION", Description = "Only this, such as settings.changed." };

    private static readonly Option<string?> Trace = new("--trace")
    {
        HelpName = "TRACE",
        Description = "Only what was done in the call of this trace, as the log names it.",
    };

    private static readonly Option<DateTimeOffset?> From = new("--from")
    {
        HelpName = "TIME",
        Description = "Not before this day or time.",
        CustomParser = Values.Time,
    };

    private static readonly Option<DateTimeOffset?> To = new("--to")
    {
        HelpName = "TIME",
        Description = "Before this day or time.",
        CustomParser = Values.Time,
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many entries.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<FileInfo?> Destination = new("--output")
    {
        HelpName = "FILE",
        Description = "A file for the entries; standard output when absent or -.",
    };

    private static readonly Option<FileInfo?> Known = new("--known")
    {
        HelpName = "FILE",
        Description = "What zoho audit verify --json answered before and was kept elsewhere: what was cut off since is found too.",
    };

    private static readonly Option<string?> After = new("--after")
    {
        HelpName = "CURSOR",
        Description = "Go on after this, which the last one ended with; from now on when absent.",
    };

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["trace_id"] = Trace },
        new Dictionary<string, Option>(StringComparer.Ordinal)
        {
            ["service"] = Service,
            ["subject"] = Subject,
            ["action"] = Action,
            ["from"] = From,
            ["to"] = To,
            ["after"] = After,
        });

    private static readonly Option[] Filters = [Service, Subject, Action, Trace, From, To];

    public static Command Create()
    {
        var verify = new Command("verify", "Compute every service's chain of hashes again, and say where it does not fit.") { Known };
        verify.Runs(VerifyAsync);
        var export = new DataCommand("export", "All entries, oldest first, one JSON object a line.") { Destination };
        export.Runs(ExportAsync, Fields);
        var follow = new Command("follow", "Show entries as they are written, until Ctrl-C.") { After };
        follow.Runs((parsed, terminal, cancellationToken) =>
            new AuditFollower(parsed.GetValue(After), FilterOf(parsed), terminal).RunAsync(parsed, cancellationToken), Fields);
        foreach (var option in Filters)
        {
            export.Add(option);
            follow.Add(option);
        }

        var audit = new Command("audit", "Who did what, newest first.") { verify, export, follow };
        audit.Lists(ListAsync, Fields, [.. Filters, Limit]);
        return audit;
    }

    private static AuditFilter FilterOf(ParseResult parsed) => new()
    {
        Service = parsed.GetValue(Service),
        Subject = parsed.GetValue(Subject),
        Action = parsed.GetValue(Action),
        TraceId = parsed.GetValue(Trace),
        From = parsed.GetValue(From),
        To = parsed.GetValue(To),
    };

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var entries = await client.Audit.ListAsync(FilterOf(parsed)).Take(parsed.GetValue(Limit)).ToListAsync(cancellationToken);
        terminal.Document(entries, CliJson.Default.ListAuditEntry);
        if (entries.Count == 0)
        {
            terminal.Line("There are none.");
            return ExitCode.Done;
        }

        terminal.Table(
            ["At", "Actor", "Action", "Subject", "Service"],
            [.. entries.Select(entry => (string[])
                [Words.Of(entry.OccurredAt), entry.Actor, entry.Action, entry.Subject, $"{entry.Service} {Words.Of(entry.Sequence)}"])]);
        terminal.Line("With all that is known of each: --json");
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var file = parsed.GetValue(Destination);
        await TargetFile.WriteAsync(file, stream => client.Audit.ExportAsync(stream, FilterOf(parsed), cancellationToken));
        if (!TargetFile.IsStandardOutput(file))
        {
            terminal.Line($"Wrote {file}.");
        }

        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var known = parsed.GetValue(Known) is { } file ? await ReadAsync(file, cancellationToken) : null;
        var verified = await client.Audit.VerifyAsync(known, cancellationToken);
        terminal.Document(verified, CliJson.Default.AuditVerification);
        foreach (var chain in verified.Services)
        {
            terminal.Item(
                $"{ApiName.Of(chain.State),-7}  {chain.Service,-10}  ",
                chain switch
                {
                    { Broken: { } broken } => $"{broken.Message} ({broken.Code}, entry {Words.Of(broken.FirstSequence)}{UpTo(broken)})",
                    { Missing: { } why } => why,
                    _ => Words.Count(chain.LastSequence, "entry", "entries"),
                },
                chain.State is ChainState.Intact ? "green" : "red");
        }

        var broke = verified.Services.Any(chain => chain.State is ChainState.Broken);
        terminal.Line(
            verified.Intact ? "The audit is as it was written."
                : broke ? "The audit is not as it was written: somebody changed a database. Keep this answer and the database's backups."
                : "Not all of it could be looked at: try again when that service answers.",
            verified.Intact ? "green" : "red");
        return verified.Intact ? ExitCode.Done : broke ? ExitCode.Configuration : ExitCode.Unreachable;
    }

    private static string UpTo(BrokenLink broken) => broken.LastSequence > broken.FirstSequence ? $" to {Words.Of(broken.LastSequence)}" : "";

    private static async Task<AuditVerification> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = file.OpenRead();
            var known = await JsonSerializer.DeserializeAsync(content, CliJson.Default.AuditVerification, cancellationToken);
            return known is { Services: not null } ? known : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CommandFailure("known_unreadable", $"{file} does not hold what zoho audit verify --json answered.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("file_unreadable", $"{file} cannot be read: {FileTrouble.Of(e, file.FullName)}.");
        }
    }
}
