using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Writes what a push came to: the registration, the ledger of who is on which list, the queue and the tenant's gate, all or nothing.
/// </summary>
internal sealed class PushRecorder(TenantDb<CampaignsDbContext> db, RegistrationQueue queue, TimeProvider clock)
{
    // what is missing may appear in another service, and its word of that may be lost
    private static readonly TimeSpan LookAgainForSetup = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Records it and answers with the status that the registration shows now; null when the claim was lost meanwhile, in which case nothing
    /// was written: whoever holds the claim now records its own push.
    /// </summary>
    public async Task<RegistrationStatus?> RecordAsync(Claim claim, PushOutcome outcome, CancellationToken cancellationToken)
    {
        await using var context = db.For(claim.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var row = await context.Registrations.SingleAsync(r => r.Id == claim.RegistrationId, cancellationToken);
        row.UpdatedAt = clock.GetUtcNow();
        row.Attempts += outcome.Asked ? 1 : 0;

        RegistrationStatus? shown = outcome.Verdict switch
        {
            PushVerdict.Taken or PushVerdict.HeldBefore => await SettleAsync(context, claim, outcome, row, cancellationToken),
            PushVerdict.Refused => await RefuseAsync(context, claim, outcome.Reason!, row, cancellationToken),
            PushVerdict.Postponed => await PostponeAsync(
                context, claim, outcome, row, Backoff.After(row.Attempts, outcome.Reason!.RetryAfter), cancellationToken),
            PushVerdict.Blocked or PushVerdict.BlockedForLong => await BlockAsync(context, claim, outcome, row, cancellationToken),
            PushVerdict.NotConfigured => await AwaitSetupAsync(context, claim, outcome, cancellationToken),
        };
        if (shown is null)
        {
            return null;
        }

        if (claim.GateFailures > 0 && outcome.Verdict < PushVerdict.Blocked)
        {
            // this one was let through to try, and Zoho answered
            await PushGate.OpenAsync(context, cancellationToken);
        }

        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return shown;
    }

    private async Task<RegistrationStatus?> SettleAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, RegistrationRow row, CancellationToken cancellationToken)
    {
        if (!await queue.CompleteAsync(context, claim, cancellationToken))
        {
            return null;
        }

        var isNew = await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO subscriptions (tenant_id, list_key, subject, subscribed_at)
            VALUES ({claim.Tenant.Value}, {outcome.ListKey}, {claim.Subject}, {row.UpdatedAt}) ON CONFLICT DO NOTHING
            """,
            cancellationToken) == 1;
        // Zoho holding an address that the ledger does not know means somebody else put it there, unless an earlier push of this very
        // registration went unanswered: then that one did
        var subscribed = isNew && (outcome.Verdict is PushVerdict.Taken || claim.InDoubt);
        return subscribed
            ? End(row, RegistrationStatus.Subscribed, null, "The contact is on the list.")
            : End(row, RegistrationStatus.AlreadySubscribed, null, "The list held this contact already; its fields were updated.");
    }

    private async Task<RegistrationStatus?> RefuseAsync(
        CampaignsDbContext context, Claim claim, Failure reason, RegistrationRow row, CancellationToken cancellationToken) =>
        await queue.CompleteAsync(context, claim, cancellationToken) ? End(row, RegistrationStatus.Rejected, reason.Code, reason.Message) : null;

    private async Task<RegistrationStatus?> PostponeAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, RegistrationRow row, TimeSpan delay, CancellationToken cancellationToken)
    {
        row.NextAttemptAt = row.UpdatedAt + delay;
        (row.Status, row.Code, row.Message) = (RegistrationStatus.Retrying, outcome.Reason!.Code, outcome.Reason.Message);
        // without an answer nobody knows whether Zoho took the contact
        var inDoubt = claim.InDoubt || (outcome.Asked && outcome.Reason.Kind is FailureKind.Unavailable);
        return await queue.DeferAsync(context, claim, row.NextAttemptAt.Value, inDoubt, cancellationToken) ? row.Status : null;
    }

    private async Task<RegistrationStatus?> BlockAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, RegistrationRow row, CancellationToken cancellationToken)
    {
        var failures = claim.GateFailures + 1;
        var reason = outcome.Reason!;
        var closedFor = outcome.Verdict is PushVerdict.BlockedForLong
            ? Backoff.Jittered(Backoff.Longest, reason.RetryAfter)
            : Backoff.After(failures, reason.RetryAfter);
        // a contact that Zoho was asked for waits by its own count too, so that another one tries the gate next:
        // what fails for one contact alone must not keep it closed
        var delay = outcome.Asked ? Backoff.After(row.Attempts, closedFor) : closedFor;
        if (await PostponeAsync(context, claim, outcome, row, delay, cancellationToken) is not { } retrying)
        {
            return null;
        }

        await PushGate.CloseAsync(
            context, retrying, reason, row.UpdatedAt, row.UpdatedAt + closedFor, claim.GateFailures, failures, cancellationToken);
        return retrying;
    }

    private async Task<RegistrationStatus?> AwaitSetupAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!await queue.DeferAsync(context, claim, now, claim.InDoubt, cancellationToken))
        {
            return null;
        }

        // the lock makes a change of the settings wait for this transaction or this transaction see it
        var settings = await context.Settings.FromSql($"SELECT * FROM campaigns_settings FOR SHARE").AsNoTracking().ToListAsync(cancellationToken);
        if (settings.Single().ListKey == outcome.ListKey)
        {
            await PushGate.CloseAsync(
                context,
                RegistrationStatus.NotConfigured,
                outcome.Reason!,
                now,
                now + Backoff.Jittered(LookAgainForSetup),
                claim.GateFailures,
                failures: 1,
                cancellationToken);
        }

        return RegistrationStatus.NotConfigured;
    }

    private static RegistrationStatus End(RegistrationRow row, RegistrationStatus status, string? code, string message)
    {
        (row.Status, row.Code, row.Message, row.NextAttemptAt) = (status, code, message, null);
        return status;
    }
}
