using ZohoPlatform.CampaignsService.Telemetry;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Pushes registrations as they come and as they fall due. Any number of replicas do so at once; each claims no more than it can push now.
/// </summary>
internal sealed partial class PushWorker(
    RegistrationQueue queue,
    RegistrationPush push,
    PushRecorder recorder,
    CampaignsMetrics metrics,
    TimeProvider clock,
    ILogger<PushWorker> logger) : BackgroundService
{
    // Zoho takes 500 contacts a minute of an organisation: four at a time are more than enough for that,
    // and a tenant whose Zoho hangs leaves room for others
    private const int AtOnce = 16;
    private const int AtOnceOfATenant = 4;

    // how late a registration may be that falls due meanwhile
    private static readonly TimeSpan AskWhileBusyAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecordLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecordAgainAfter = TimeSpan.FromMilliseconds(500);

    private static readonly Failure Broken = new(
        FailureKind.Unavailable, "push_failed", "The platform failed while it pushed this contact; it is tried again.");

    private DateTimeOffset? _counted;

    // of the loop alone
    private bool _hasClaimed;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new WorkLoop<Claim>(RegistrationQueue.Table, clock, logger)
    {
        Signal = queue.Signal,
        AtOnce = AtOnce,
        Claim = ClaimAsync,
        Next = NextAsync,
        Run = PushAsync,
    }.RunAsync(stoppingToken);

    private async Task<IReadOnlyList<Claim>> ClaimAsync(int most, CancellationToken cancellationToken)
    {
        var claimed = await queue.ClaimAsync(most, AtOnceOfATenant, cancellationToken);
        _hasClaimed = claimed.Count > 0;
        return claimed;
    }

    private async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        // asked when that ends, which is soon as a rule: a question less for each
        if (_hasClaimed)
        {
            _hasClaimed = false;
            return clock.GetUtcNow() + AskWhileBusyAfter;
        }

        if (await queue.NextAsync(cancellationToken) is not { } next)
        {
            metrics.QueueHolds(0);
            return null;
        }

        if (_counted + CountEvery is { } countAt && clock.GetUtcNow() < countAt)
        {
            // it may sleep long behind what is not counted yet
            return countAt < next ? countAt : next;
        }

        metrics.QueueHolds(await queue.CountAsync(cancellationToken));
        _counted = clock.GetUtcNow();
        return next;
    }

    private async Task PushAsync(Claim claim, CancellationToken stoppingToken)
    {
        using var activity = PushTraces.StartPush(claim);
        var started = clock.GetTimestamp();
        try
        {
            var outcome = await RunAsync(claim, stoppingToken);
            activity.SetOutcome(outcome.Reason);
            if (await RecordAsync(claim, outcome, stoppingToken) is not { } recorded)
            {
                LogLost(claim.RegistrationId, claim.Tenant.Value);
                return;
            }

            metrics.Recorded(recorded.Status, clock.GetElapsedTime(started));
            // what waits for a person looks again every minute, and finds the same
            LogRecorded(
                recorded.IsNews ? LogLevel.Information : LogLevel.Debug,
                claim.RegistrationId, claim.Tenant.Value, recorded.Status, outcome.Reason?.Code ?? "done");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ReleaseAsync(claim);
        }
        catch (Exception e)
        {
            // the database is away, most likely: the claim runs out and somebody pushes again
            LogFailed(e, claim.RegistrationId, claim.Tenant.Value);
        }
    }

    // Zoho has answered, and an answer that is not written down means that the contact is pushed once more: a database that fails is
    // asked again for as long as the claim lasts
    private async Task<Recorded?> RecordAsync(Claim claim, PushOutcome outcome, CancellationToken stoppingToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var limit = new CancellationTokenSource(RecordLimit, clock);
                return await recorder.RecordAsync(claim, outcome, limit.Token);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested
                && clock.GetElapsedTime(started) < RegistrationQueue.Lease - RegistrationQueue.PushLimit)
            {
                LogNotRecordedYet(claim.RegistrationId, claim.Tenant.Value, e.Message);
                await Task.Delay(RecordAgainAfter, clock, CancellationToken.None);
            }
        }
    }

    private async Task<PushOutcome> RunAsync(Claim claim, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(RegistrationQueue.PushLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            return await push.RunAsync(claim, either.Token);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // one registration that cannot be pushed must not stop the others
            LogFailed(e, claim.RegistrationId, claim.Tenant.Value);
            return new PushOutcome(PushVerdict.Postponed, null, Asked: true, Broken);
        }
    }

    private async Task ReleaseAsync(Claim claim)
    {
        using var limit = new CancellationTokenSource(ReleaseLimit, clock);
        try
        {
            await queue.ReleaseAsync(claim, limit.Token);
        }
        catch (Exception e)
        {
            LogFailed(e, claim.RegistrationId, claim.Tenant.Value);
        }
    }

    [LoggerMessage(Message = "Registration {RegistrationId} of tenant {TenantId}: {Status} ({Code})")]
    private partial void LogRecorded(LogLevel level, Guid registrationId, Guid tenantId, RegistrationStatus status, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Registration {RegistrationId} of tenant {TenantId}: the claim ran out before its outcome was recorded")]
    private partial void LogLost(Guid registrationId, Guid tenantId);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Registration {RegistrationId} of tenant {TenantId}: its outcome cannot be written yet ({Reason})")]
    private partial void LogNotRecordedYet(Guid registrationId, Guid tenantId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Registration {RegistrationId} of tenant {TenantId}: the push failed")]
    private partial void LogFailed(Exception exception, Guid registrationId, Guid tenantId);
}
