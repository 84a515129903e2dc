using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client.Campaigns;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary><c>zoho campaigns syncs</c>: looks after syncs that were started, from any machine.</summary>
internal static class SyncsCommand
{
    private static readonly Argument<string> Id = IdSource.Syncs.Argument("Of the sync.");

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many syncs.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<string?> State = new Option<string?>("--state")
    {
        HelpName = "STATE",
        Description = "Only those in this state.",
    }.OneOf([.. ApiName.All<SyncState>()]);

    private static readonly Option<string?> Source = new("--source")
    {
        HelpName = "TEXT",
        Description = "Only those with this in the name of their source.",
    };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "One line per contact." };

    private static readonly Option<FileInfo?> Destination = new("--output")
    {
        HelpName = "FILE",
        Description = "A file for the ledger; standard output when absent or -.",
    };

    public static Command Create()
    {
        var show = new Command("show", "How a sync stands.") { Id };
        show.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.GetAsync(id, cancellationToken)));
        var pause = new Command("pause", "Stop after the calls that are under way.") { Id };
        pause.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.PauseAsync(id, cancellationToken)));
        var resume = new Command("resume", "Go on.") { Id };
        resume.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.ResumeAsync(id, cancellationToken)));
        var cancel = new Command("cancel", "End it: what was pushed stays pushed.") { Id };
        cancel.Runs(
            (parsed, terminal, cancellationToken) => ShowAsync(parsed, terminal, (syncs, id) => syncs.CancelAsync(id, cancellationToken)));
        var delete = new Command("delete", "Delete one that has ended, with its ledger: what was pushed stays pushed.") { Id };
        delete.Runs(DeleteAsync);
        var follow = new Command("follow", "Watch a sync to its end.") { Id, Verbose };
        follow.Runs(async (parsed, terminal, cancellationToken) =>
        {
            using var client = Credentials.Connect(parsed, terminal);
            return await new SyncFollower(client, terminal, parsed.GetValue(Verbose)).FollowAsync(
                parsed.GetRequiredValue(Id), cancellationToken);
        });
        var export = new DataCommand("export", "What became of every contact: CSV, or with --json one object a line.") { Id, Destination };
        export.Runs(ExportAsync);
        var command = new Command("syncs", "Syncs that were started, newest first.") { show, follow, pause, resume, cancel, export, delete };
        command.Lists(ListAsync, State, Source, Limit);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        SyncState? wanted = ApiName.TryParse<SyncState>(parsed.GetValue(State) ?? "", out var state) ? state : null;
        var syncs = await client.Campaigns.Syncs.ListAsync(wanted, parsed.GetValue(Source))
            .Take(parsed.GetValue(Limit))
            .ToListAsync(cancellationToken);
        terminal.Document(syncs, CliJson.Default.ListSync);
        terminal.Table(
            ["Id", "State", "Source", ">Processed", ">Failed", "Created"],
            [.. syncs.Select(sync => (string[])
                [
                    sync.Id,
                    ApiName.Of(sync.State) + (sync.DryRun ? " (dry run)" : ""),
                    sync.Source,
                    $"{Words.Of(sync.Counts.Processed)}/{Words.Of(sync.Counts.Total)}",
                    Words.Of(sync.Counts.Errors + sync.Counts.Invalid),
                    Words.Of(sync.CreatedAt),
                ])]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, Func<SyncsClient, string, Task<Sync>> ask)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var sync = await ask(client.Campaigns.Syncs, parsed.GetRequiredValue(Id));
        terminal.Document(sync, CliJson.Default.Sync);
        SyncSummary.Table(sync, terminal);
        terminal.Line($"{ApiName.Of(sync.State)}{CommandWords.Because(sync.Message)}");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        await client.Campaigns.Syncs.DeleteAsync(id, cancellationToken);
        terminal.Document(new SyncLine("deleted") { Id = id }, CliJson.Default.SyncLine);
        terminal.Line($"Deleted sync {id} and its ledger.");
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (terminal.IsJson && !TargetFile.IsStandardOutput(parsed.GetValue(Destination)))
        {
            throw new CommandFailure(
                "output_not_json", "--output writes CSV, and --json writes lines to standard output: leave one of them out, or redirect with > FILE.");
        }

        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        if (terminal.IsJson)
        {
            await foreach (var contact in client.Campaigns.Syncs.ContactsAsync(id).WithCancellation(cancellationToken))
            {
                terminal.Document(contact, CliJson.Default.SyncContact);
            }

            return ExitCode.Done;
        }

        var file = parsed.GetValue(Destination);
        await TargetFile.WriteAsync(file, stream => client.Campaigns.Syncs.ExportAsync(id, stream, cancellationToken: cancellationToken));
        if (!TargetFile.IsStandardOutput(file))
        {
            terminal.Line($"Wrote {file}.");
        }

        return ExitCode.Done;
    }
}
