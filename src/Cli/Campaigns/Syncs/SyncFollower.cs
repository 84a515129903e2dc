using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>Watches one sync until it has ended, is paused, or the person goes away; the sync itself does not care.</summary>
internal sealed class SyncFollower(PlatformClient client, Terminal terminal, bool verbose)
{
    // by position: an event that comes again after a cut shows nothing twice
    private readonly HashSet<long> _shown = [];

    /// <summary>How to look after a sync that nobody watches.</summary>
    public static void Hint(string id, Terminal terminal)
    {
        terminal.Line($"  follow it:  zoho campaigns syncs follow {id}");
        terminal.Line($"  cancel it:  zoho campaigns syncs cancel {id}");
    }

    public async Task<int> FollowAsync(string id, CancellationToken cancellationToken)
    {
        Sync last;
        try
        {
            last = terminal.IsLive
                ? await LiveProgress.RunAsync(terminal, show => WatchAsync(id, show, cancellationToken))
                : await WatchAsync(id, new PlainProgress(terminal).Show, cancellationToken);
            if (verbose)
            {
                await ShowRestAsync(last, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Document(new SyncLine("detached") { Id = id }, CliJson.Default.SyncLine);
            terminal.Line("No longer watching; the sync goes on.");
            Hint(id, terminal);
            return ExitCode.Interrupted;
        }

        return await SyncSummary.ShowAsync(client, last, terminal, cancellationToken);
    }

    private async Task<Sync> WatchAsync(string id, Action<Sync> show, CancellationToken cancellationToken)
    {
        await foreach (var change in client.Campaigns.Syncs.WatchAsync(id, verbose ? 0 : null, cancellationToken))
        {
            if (verbose)
            {
                foreach (var contact in change.Outcomes)
                {
                    Show(contact, change.Sync);
                }
            }

            terminal.Document(new SyncLine("progress") { Sync = change.Sync }, CliJson.Default.SyncLine);
            show(change.Sync);
            if (change.Sync.HasEnded || change.Sync.State is SyncState.Paused)
            {
                return change.Sync;
            }
        }

        throw new InvalidOperationException("The events of a sync end with its end.");
    }

    // an event holds the last outcomes only: those between are in the ledger
    private async Task ShowRestAsync(Sync sync, CancellationToken cancellationToken)
    {
        if (_shown.Count >= sync.Counts.Processed)
        {
            return;
        }

        await foreach (var contact in client.Campaigns.Syncs.ContactsAsync(sync.Id).WithCancellation(cancellationToken))
        {
            Show(contact, sync);
        }
    }

    private void Show(SyncContact contact, Sync sync)
    {
        if (contact.Outcome is SyncOutcome.Pending || !_shown.Add(contact.Position))
        {
            return;
        }

        terminal.Document(new SyncLine("contact") { Contact = contact }, CliJson.Default.SyncLine);
        var (outcome, colour) = contact.Outcome switch
        {
            SyncOutcome.Added => (sync.DryRun ? "would be added" : "added", "green"),
            SyncOutcome.Updated => (sync.DryRun ? "would be updated" : "updated", "green"),
            SyncOutcome.ConfirmationSent => (sync.DryRun ? "would be sent a confirmation mail" : "sent a confirmation mail", "green"),
            SyncOutcome.Suppressed => ("suppressed", "yellow"),
            SyncOutcome.Invalid or SyncOutcome.Error => (ApiName.Of(contact.Outcome), "red"),
            _ => (ApiName.Of(contact.Outcome), "grey"),
        };
        terminal.Line(
            $"[{_shown.Count}/{Math.Max(sync.Counts.Total, _shown.Count)}] {contact.Email}  {outcome}{CommandWords.Because(contact.Message)}", colour);
    }
}
