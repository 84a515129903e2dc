using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Works on one sync while it holds it: from its source to the last outcome, or to where it has to wait. May be cut off at any moment;
/// whoever comes next goes on from what is written.
/// </summary>
internal sealed partial class SyncRunner(
    TenantDb<CampaignsDbContext> db,
    SyncTransitions transitions,
    FeatureAccess access,
    Preparation preparation,
    Push push,
    TimeProvider clock,
    ILogger<SyncRunner> logger)
{
    private const string Purpose = "campaigns.sync";

    private static readonly Failure Broken = new(
        FailureKind.Unavailable, "sync_broken", "The platform failed while it worked on this sync; it tries again by itself.");

    /// <param name="tenant">Whose it is.</param>
    /// <param name="id">The sync, which the caller holds.</param>
    /// <param name="stopping">Nothing new is begun any more; what is on its way comes to its end.</param>
    /// <param name="lost">Another run may have taken over: everything is dropped.</param>
    public async Task RunAsync(TenantId tenant, Guid id, CancellationToken stopping, CancellationToken lost)
    {
        try
        {
            await WorkAsync(tenant, id, stopping, lost);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested && !lost.IsCancellationRequested && !StorageOutage.Is(e))
        {
            LogFailed(e, id, tenant.Value);
            await transitions.WaitAsync(tenant, id, Broken, lost);
        }
    }

    /// <summary>So long a sync has its place while others may wait for one; then it is due behind whoever has fewer.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    private async Task WorkAsync(TenantId tenant, Guid id, CancellationToken stopping, CancellationToken lost)
    {
        // marks what this run has on its way
        var run = Guid.NewGuid();
        var begun = clock.GetTimestamp();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        while (true)
        {
            either.Token.ThrowIfCancellationRequested();
            var sync = await LoadAsync(tenant, id, either.Token);
            if (sync?.State is SyncState.Queued)
            {
                await transitions.BeginAsync(tenant, id, either.Token);
                continue;
            }

            if (sync is { State: SyncState.Paused, WaitsUntil: not null })
            {
                if (await IsStillAwaitedAsync(sync, either.Token) is { } missing)
                {
                    await transitions.AwaitAsync(tenant, id, missing, either.Token);
                    return;
                }

                await transitions.GoOnAsync(tenant, id, either.Token);
                continue;
            }

            if (sync?.State is not (SyncState.Preparing or SyncState.Running))
            {
                // it was paused while its last calls were on their way
                if (sync is not { State: SyncState.Paused } || !await transitions.EndAsync(sync, either.Token))
                {
                    await transitions.SettleAsync(tenant, id, either.Token);
                }

                return;
            }

            if ((await access.ForAsync(tenant, Purpose, either.Token)).Succeeded(out var call, out var noAccess))
            {
                await NameConnectionAsync(sync, call, either.Token);
            }

            var step = call is null ? Step.After(noAccess!)
                : sync.State is SyncState.Running ? await push.RunAsync(sync, call, run, begun, stopping, lost)
                : await preparation.TakeStepAsync(sync, call, either.Token);
            // what stands in the way of a call is nothing to one that has none to make
            if (sync.State is SyncState.Running
                && step.End is StepEnd.Later or StepEnd.Wait or StepEnd.Await or StepEnd.Pause
                && await transitions.EndAsync(sync, either.Token))
            {
                return;
            }

            switch (step.End)
            {
                case StepEnd.GoOn when clock.GetElapsedTime(begun) > Turn:
                    await transitions.LaterAsync(tenant, id, TimeSpan.Zero, either.Token);
                    return;
                case StepEnd.GoOn or StepEnd.Ended:
                    break;
                case StepEnd.Later:
                    await transitions.LaterAsync(tenant, id, step.Until, either.Token);
                    return;
                case StepEnd.Await:
                    // it looks again and again, and finds the same until a person acts
                    var isKnown = sync.Failures > 0 && sync.Code == step.Failure!.Code;
                    LogStopped(isKnown ? LogLevel.Debug : LogLevel.Warning, id, tenant.Value, SyncState.Paused, step.Failure!.Code);
                    await transitions.AwaitAsync(tenant, id, step.Failure, either.Token);
                    return;
                case StepEnd.Pause:
                    LogStopped(LogLevel.Warning, id, tenant.Value, SyncState.Paused, step.Failure!.Code);
                    await transitions.PauseAsync(tenant, id, step.Failure, either.Token);
                    return;
                case StepEnd.Fail:
                    LogStopped(LogLevel.Warning, id, tenant.Value, SyncState.Failed, step.Failure!.Code);
                    await transitions.FailAsync(tenant, id, step.Failure, either.Token);
                    return;
                case StepEnd.Wait:
                    await transitions.WaitAsync(tenant, id, step.Failure!, either.Token);
                    return;
            }
        }
    }

    private async Task NameConnectionAsync(SyncRow sync, ProviderCall call, CancellationToken cancellationToken)
    {
        if ((sync.ConnectionId, sync.AccountName) != (call.ConnectionId, call.AccountName))
        {
            await using var context = db.For(sync.TenantId);
            await context.Syncs.Where(row => row.Id == sync.Id).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.ConnectionId, call.ConnectionId).SetProperty(row => row.AccountName, call.AccountName),
                cancellationToken);
        }
    }

    // while the token service cannot say so, what it said before
    private async Task<Failure?> IsStillAwaitedAsync(SyncRow sync, CancellationToken cancellationToken) =>
        (await access.ForAsync(sync.TenantId, Purpose, cancellationToken)).Succeeded(out _, out var failure) ? null
            : Step.After(failure).End is StepEnd.Await ? failure
            : failure with { Code = sync.Code!, Message = sync.Message! };

    private async Task<SyncRow?> LoadAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Syncs.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
    }

    [LoggerMessage(Message = "Sync {SyncId} of tenant {TenantId}: {State} ({Code})")]
    private partial void LogStopped(LogLevel level, Guid syncId, Guid tenantId, SyncState state, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sync {SyncId} of tenant {TenantId}: the run failed")]
    private partial void LogFailed(Exception exception, Guid syncId, Guid tenantId);
}
