using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
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
    SyncWork work,
    CampaignsAccess access,
    Preparation preparation,
    Push push,
    TimeProvider clock,
    ILogger<SyncRunner> logger)
{
    private const string Purpose = "campaigns.sync";

    private static readonly TimeSpan HeldElsewhere = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterAnOutage = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);

    // shorter waits are not worth being scheduled
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(3);

    private static readonly Failure Broken = new(
        FailureKind.Unavailable, "sync_broken", "The platform failed while it worked on this sync; it tries again by itself.");

    /// <summary>When somebody has to come back to the sync; null where nobody has.</summary>
    public async Task<DateTimeOffset?> RunAsync(TenantId tenant, Guid id, CancellationToken stopping)
    {
        var run = Guid.NewGuid();
        if (!await work.TryHoldAsync(id, run, stopping))
        {
            return await work.IsOpenAsync(id, stopping) ? clock.GetUtcNow() + HeldElsewhere : null;
        }

        using var lost = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        var renewing = RenewAsync(id, run, lost, ended.Token);
        DateTimeOffset? again = clock.GetUtcNow();
        try
        {
            again = await WorkAsync(tenant, id, run, stopping, lost.Token);
            return again;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            LogLost(id, tenant.Value);
            return clock.GetUtcNow() + HeldElsewhere;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogFailed(e, id, tenant.Value);
            again = clock.GetUtcNow() + AfterAnOutage;
            if (!StorageOutage.Is(e))
            {
                again = await WaitAsync(tenant, id, Broken, stopping);
            }

            return again;
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
            await ReleaseAsync(id, run, again);
        }
    }

    private async Task<DateTimeOffset?> WorkAsync(TenantId tenant, Guid id, Guid run, CancellationToken stopping, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        while (true)
        {
            either.Token.ThrowIfCancellationRequested();
            var sync = await LoadAsync(tenant, id, either.Token);
            if (sync?.State is SyncState.Queued)
            {
                await ChangeAsync(
                    tenant, id, $"state = {(int)SyncState.Preparing}, started_at = coalesce(started_at, $2)",
                    $"state = {(int)SyncState.Queued}",
                    [clock.GetUtcNow()], either.Token);
                continue;
            }

            if (sync?.State is not (SyncState.Preparing or SyncState.Running))
            {
                return null;
            }

            var step = !(await access.ForAsync(tenant, Purpose, either.Token)).Succeeded(out var call, out var noAccess)
                ? Step.After(noAccess)
                : sync.State is SyncState.Running ? await push.RunAsync(sync, call, run, stopping, lost)
                : await preparation.TakeStepAsync(sync, call, either.Token);
            switch (step.End)
            {
                case StepEnd.GoOn or StepEnd.Ended:
                    break;
                case StepEnd.Pause:
                    LogStopped(id, tenant.Value, SyncState.Paused, step.Failure!.Code);
                    await ChangeAsync(
                        tenant, id, $"state = {(int)SyncState.Paused}, code = $2, message = $3, waits_until = NULL", Working,
                        [step.Failure.Code, step.Failure.Message], either.Token);
                    break;
                case StepEnd.Fail:
                    LogStopped(id, tenant.Value, SyncState.Failed, step.Failure!.Code);
                    await FailAsync(tenant, id, step.Failure, either.Token);
                    break;
                default:
                    var until = await WaitAsync(tenant, id, step.Failure!, either.Token);
                    if (until - clock.GetUtcNow() > ShortWait)
                    {
                        return until;
                    }

                    await Task.Delay(until > clock.GetUtcNow() ? until - clock.GetUtcNow() : TimeSpan.Zero, clock, either.Token);
                    break;
            }
        }
    }

    private static string Working => $"state IN ({(int)SyncState.Preparing}, {(int)SyncState.Running})";

    // a quota says when it is free again; everything else is asked ever more seldom
    private async Task<DateTimeOffset> WaitAsync(TenantId tenant, Guid id, Failure failure, CancellationToken cancellationToken)
    {
        var sync = await LoadAsync(tenant, id, cancellationToken);
        var isCounted = failure.Kind is not FailureKind.RateLimited || failure.RetryAfter is null;
        var wait = isCounted ? Backoff.After((sync?.Failures ?? 0) + 1, failure.RetryAfter) : failure.RetryAfter!.Value;
        var until = clock.GetUtcNow() + wait;
        await ChangeAsync(
            tenant, id, "code = $2, message = $3, waits_until = $4, failures = failures + $5", Working,
            [failure.Code, failure.Message, until, isCounted ? 1 : 0], cancellationToken);
        return until;
    }

    private async Task FailAsync(TenantId tenant, Guid id, Failure failure, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync(
            $"""
            UPDATE syncs SET event = event + 1, state = {(int)SyncState.Failed}, code = $2, message = $3, waits_until = NULL,
                sealed_connection = NULL, ended_at = $4
            WHERE id = $1 AND {Working}
            """,
            [id, failure.Code, failure.Message, clock.GetUtcNow()],
            cancellationToken);
        await SyncWork.EndAsync(connection, id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<SyncRow?> LoadAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Syncs.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
    }

    private async Task ChangeAsync(
        TenantId tenant, Guid id, string change, string condition, object[] parameters, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await connection.RunAsync(
            $"UPDATE syncs SET event = event + 1, {change} WHERE id = $1 AND {condition}", [id, .. parameters], cancellationToken);
    }

    // a run that cannot renew in time has to assume that another one took over
    private async Task RenewAsync(Guid id, Guid run, CancellationTokenSource lost, CancellationToken ended)
    {
        var renewed = clock.GetTimestamp();
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(SyncWork.RenewEvery, clock, ended);
                if (!await work.RenewAsync(id, run, ended))
                {
                    await lost.CancelAsync();
                    return;
                }

                renewed = clock.GetTimestamp();
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogNotRenewed(id, e.Message);
                if (clock.GetElapsedTime(renewed) > SyncWork.Lease - SyncWork.RenewEvery)
                {
                    await lost.CancelAsync();
                    return;
                }
            }
        }
    }

    private async Task ReleaseAsync(Guid id, Guid run, DateTimeOffset? dueAt)
    {
        using var limit = new CancellationTokenSource(ReleaseLimit, clock);
        try
        {
            await work.ReleaseAsync(id, run, dueAt, limit.Token);
        }
        catch (Exception e)
        {
            // it runs out by itself
            LogNotRenewed(id, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId} of tenant {TenantId}: {State} ({Code})")]
    private partial void LogStopped(Guid syncId, Guid tenantId, SyncState state, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId} of tenant {TenantId}: the lease was lost, another replica goes on")]
    private partial void LogLost(Guid syncId, Guid tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId}: the lease could not be renewed or released ({Reason})")]
    private partial void LogNotRenewed(Guid syncId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sync {SyncId} of tenant {TenantId}: the run failed")]
    private partial void LogFailed(Exception exception, Guid syncId, Guid tenantId);
}
