using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>How a sync stands when the watching ends, with what failed, what to do, and the exit code.</summary>
internal static class SyncSummary
{
    private const int Examples = 5;

    public static async Task<int> ShowAsync(PlatformClient client, Sync sync, Terminal terminal, CancellationToken cancellationToken)
    {
        var exit = sync switch
        {
            { State: SyncState.Completed, Counts: { Errors: 0, Invalid: 0 } } => ExitCode.Done,
            { State: SyncState.Completed or SyncState.Cancelled } => ExitCode.SomeFailed,
            _ => ExitCode.Configuration,
        };
        terminal.Document(
            new SyncLine(sync.State is SyncState.Paused ? "paused" : "ended") { Sync = sync, ExitCode = exit }, CliJson.Default.SyncLine);
        if (terminal.IsJson)
        {
            return exit;
        }

        Table(sync, terminal);
        if (sync.State is SyncState.Completed or SyncState.Cancelled)
        {
            await ShowFailedAsync(client, sync, terminal, cancellationToken);
        }

        Verdict(sync, terminal);
        return exit;
    }

    /// <summary>A sync's counts and facts.</summary>
    public static void Table(Sync sync, Terminal terminal)
    {
        var counts = sync.Counts;
        terminal.Table(
            [sync.DryRun ? "Dry run" : "Sync", ">Contacts"],
            [
                ["processed", $"{Words.Of(counts.Processed)} of {Words.Of(counts.Total)}"],
                [sync.DryRun ? "would be added" : "added", Words.Of(counts.Added)],
                [sync.DryRun ? "would be updated" : "updated", Words.Of(counts.Updated)],
                ["existing", Words.Of(counts.Existing)],
                .. counts.ConfirmationSent > 0 ? (string[][])[[sync.DryRun ? "would be sent a confirmation mail" : "sent a confirmation mail", Words.Of(counts.ConfirmationSent)]] : [],
                ["suppressed", Words.Of(counts.Suppressed)],
                ["duplicate", Words.Of(counts.Duplicate)],
                ["invalid", Words.Of(counts.Invalid)],
                ["errors", Words.Of(counts.Errors)],
                .. sync.Filters.Count > 0 ? (string[][])[["filtered", Words.Of(counts.Filtered)]] : [],
            ]);
        var took = sync.StartedAt is { } start && sync.EndedAt is { } end ? $" in {Words.Of(end - start)}" : "";
        terminal.Line($"{sync.Source} to list {sync.ListKey}: {Words.Count(sync.Calls, "call", "calls")} to Zoho{took}.");
        if (sync.ConnectionId is { } connection)
        {
            terminal.Line($"Zoho account {sync.Account ?? "not known"}, connection {connection}.");
        }

        if (sync.SendsConfirmations)
        {
            terminal.Line(
                $"The list has a sign-up form: Zoho {(sync.DryRun ? "would send" : "sends")} everyone who is new to it a mail, and they are on the "
                + "list once they have confirmed.");
        }

        if (sync.ExpiresAt is { } expires)
        {
            terminal.Line($"This dry run and its ledger are kept until {Words.Of(expires)}.");
        }

        if (counts.Total > 0 && counts.Filtered == counts.Total)
        {
            terminal.Line("The filters take no row of the source: look at how its values are written.");
        }

        var notSent = sync.UnmappedColumns.Except(sync.Filters.Select(filter => filter.Column), StringComparer.Ordinal).ToList();
        if (notSent.Count > 0)
        {
            terminal.Line($"Not sent, because no field is mapped to them: {string.Join(", ", notSent)}.");
        }

        foreach (var column in sync.ConsentColumns)
        {
            terminal.Line(
                $"{column} looks as if it said who may be written to. A sync that is no dry run wants --filter \"{column}=VALUE\" or "
                    + $"--ignore-column \"{column}\".",
                "yellow");
        }
    }

    private static async Task ShowFailedAsync(PlatformClient client, Sync sync, Terminal terminal, CancellationToken cancellationToken)
    {
        (SyncOutcome Outcome, long Count)[] failed = [(SyncOutcome.Error, sync.Counts.Errors), (SyncOutcome.Invalid, sync.Counts.Invalid)];
        foreach (var (outcome, count) in failed)
        {
            if (count == 0)
            {
                continue;
            }

            var examples = client.Campaigns.Syncs.ContactsAsync(sync.Id, outcome).Take(Examples);
            await foreach (var contact in examples.WithCancellation(cancellationToken))
            {
                terminal.Line(
                    $"  row {Words.Of(contact.Position)}  {contact.Email}  {ApiName.Of(outcome)}{CommandWords.Because(contact.Message ?? contact.Code)}",
                    "red");
            }

            if (count > Examples)
            {
                terminal.Line($"  and {Words.Of(count - Examples)} more with outcome {ApiName.Of(outcome)}");
            }
        }

        if (sync.Counts.Errors + sync.Counts.Invalid > 0)
        {
            terminal.Line($"All of it as CSV: zoho campaigns syncs export {sync.Id} --output ledger.csv");
        }
    }

    private static void Verdict(Sync sync, Terminal terminal)
    {
        var why = CommandWords.Because(sync.Message);
        switch (sync.State)
        {
            case SyncState.Completed when sync.Counts is { Errors: 0, Invalid: 0 }:
                terminal.Line(sync.DryRun ? "Done; nothing was written at Zoho." : "Done.", "green");
                break;
            case SyncState.Completed:
                terminal.Line("Done, but some contacts failed.", "yellow");
                break;
            case SyncState.Cancelled:
                terminal.Line($"Cancelled{why}", "yellow");
                break;
            case SyncState.Paused:
                terminal.Line($"Paused{why}", "yellow");
                terminal.Line(sync.ResumesAt is null
                    ? $"Go on with: zoho campaigns syncs resume {sync.Id}"
                    : "It goes on by itself as soon as that is there.");
                break;
            default:
                terminal.Line($"Failed{why}", "red");
                break;
        }
    }
}
