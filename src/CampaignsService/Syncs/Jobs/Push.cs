using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Pushes what is pending in a prepared sync's ledger. Contacts are marked as on their way before the call and get their outcome after it:
/// those that a run left marked are pushed again, which does no harm at Zoho, and are known to be in doubt. One in doubt that Zoho now
/// holds, and did not hold when the list was read, was added by the run that did not live to say so.
/// </summary>
internal sealed partial class Push(PushLedger ledger, PushCalls calls, SyncPace pace, TimeProvider clock, ILogger<Push> logger)
{
    // an answer of Zoho's takes up to a second: with fewer at once the usual rate could not be reached
    private const int AtOnce = 4;

    private static readonly TimeSpan RecordAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <param name="sync">As it was when the run came to it.</param>
    /// <param name="call">On whose behalf Zoho is called.</param>
    /// <param name="run">Marks what is on its way.</param>
    /// <param name="begun">When the run got its place.</param>
    /// <param name="stopping">Nothing new is begun any more; what is on its way comes to its end.</param>
    /// <param name="lost">Another run may have taken over: everything is dropped.</param>
    public async Task<Step> RunAsync(
        SyncRow sync, ProviderCall call, Guid run, long begun, CancellationToken stopping, CancellationToken lost)
    {
        var speed = new PushSpeed(sync.Rate, clock);
        var sending = new List<Task<Step>>();
        var step = Step.GoOn;
        try
        {
            while (step.End is StepEnd.GoOn)
            {
                step = await ReapAsync(sending, AtOnce - 1);
                if (step.End is not StepEnd.GoOn)
                {
                    break;
                }

                if (clock.GetElapsedTime(begun) > SyncRunner.Turn)
                {
                    step = Step.Later(TimeSpan.Zero);
                    break;
                }

                if (await pace.WaitAsync(sync, stopping) is { } notYet)
                {
                    step = notYet;
                }
                else if (await ledger.TakeAsync(sync, run, lost) is { Count: > 0 } batch)
                {
                    sending.Add(SendAsync(sync, call, run, batch, speed, lost));
                }
                else if (sending.Count > 0)
                {
                    step = await ReapAsync(sending, 0);
                }
                else
                {
                    return await ledger.FinishAsync(sync, lost);
                }
            }
        }
        finally
        {
            var rest = await ReapAsync(sending, 0);
            step = rest.End > step.End ? rest : step;
        }

        return step;
    }

    // waits until no more than so many are on their way; the gravest of what has ended counts
    private static async Task<Step> ReapAsync(List<Task<Step>> sending, int atMost)
    {
        var gravest = Step.GoOn;
        while (sending.Count > atMost || sending.Exists(one => one.IsCompleted))
        {
            var ended = await Task.WhenAny(sending);
            sending.Remove(ended);
            var step = await ended;
            gravest = step.End > gravest.End ? step : gravest;
        }

        return gravest;
    }

    private async Task<Step> SendAsync(
        SyncRow sync, ProviderCall call, Guid run, List<PushContact> batch, PushSpeed speed, CancellationToken lost)
    {
        var (results, step) = await calls.MakeAsync(sync, call, batch, lost);
        var wasCalled = step.Failure?.Kind is not FailureKind.RateLimited && batch.Exists(contact => contact.OptedOut is null);
        while (true)
        {
            try
            {
                await ledger.RecordAsync(sync, run, results, speed, wasCalled, lost);
                return step;
            }
            catch (Exception e) when (StorageOutage.Is(e) && !lost.IsCancellationRequested)
            {
                // Zoho has answered, and an answer that is not written down costs a second call
                LogNotRecordedYet(sync.Id, e.Message);
                await Task.Delay(RecordAgainAfter, clock, lost);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId}: outcomes cannot be written yet ({Reason})")]
    private partial void LogNotRecordedYet(Guid syncId, string reason);
}
