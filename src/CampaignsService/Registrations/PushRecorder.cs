using System.Runtime.InteropServices;
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

    private static readonly End NewOnTheList = new(RegistrationStatus.Subscribed, "The contact is on the list.");
    private static readonly End ToBeConfirmed = new(
        RegistrationStatus.ConfirmationSent, "Zoho has sent the contact a mail: it is on the list once it has confirmed there.");
    private static readonly End OnTheListBefore = new(
        RegistrationStatus.AlreadySubscribed, "Zoho had this contact on the list already, and has updated its fields.");
    private static readonly End WithTheListBefore = new(
        RegistrationStatus.AlreadySubscribed,
        "Zoho had this contact with the list already, and has updated its fields. It could not be read there whether the contact has left the "
        + "list: who has is not mailed.");

    // Whoever has lost the claim takes nothing out, and all else comes of what was taken out. One that was let through to try opens the
    // gate: Zoho has answered. Who was mailed by us, and is with the list by Zoho's word, may have confirmed since or not: Zoho does not say.
    private const string EndSql =
        $"""
        WITH held AS (
            DELETE FROM {RegistrationQueue.Table}
            WHERE {WorkQueue.Held}
            RETURNING tenant_id, id),
        listed AS (
            INSERT INTO subscriptions (tenant_id, list_key, subject, subscribed_at, confirmed)
            SELECT tenant_id, $5, $6, $7, $15 FROM held WHERE $5 IS NOT NULL
            ON CONFLICT (tenant_id, list_key, subject) DO UPDATE SET confirmed = false WHERE NOT EXCLUDED.confirmed
            RETURNING subject),
        asked AS (
            SELECT FROM subscriptions s JOIN held ON s.tenant_id = held.tenant_id
            WHERE $16 AND s.list_key = $5 AND s.subject = $6 AND NOT s.confirmed),
        tried AS (SELECT tenant_id FROM held WHERE $14),
        {PushGate.OpenedByTried}
        UPDATE registrations r
        SET updated_at = $7, attempts = r.attempts + $8, code = $13, next_attempt_at = NULL,
            connection_id = COALESCE($19, r.connection_id), account_name = COALESCE($20, r.account_name),
            status = CASE WHEN EXISTS (SELECT FROM listed) THEN $9 WHEN EXISTS (SELECT FROM asked) THEN $17 ELSE $11 END,
            message = CASE WHEN EXISTS (SELECT FROM listed) THEN $10 WHEN EXISTS (SELECT FROM asked) THEN $18 ELSE $12 END
        FROM held WHERE r.tenant_id = held.tenant_id AND r.id = held.id
        RETURNING r.status, CASE WHEN $14 THEN pg_notify('{RegistrationQueue.Table}', '')::text END
        """;

    /// <summary>
    /// Records it and answers with what the registration shows now; null when the claim was lost meanwhile, in which case nothing was written:
    /// whoever holds the claim now records its own push.
    /// </summary>
    public Task<Recorded?> RecordAsync(
        Claim claim, PushOutcome outcome, CancellationToken cancellationToken) => outcome.Verdict switch
        {
            // Zoho holding an address that the ledger does not know means somebody else put it there, unless an earlier push of this very
            // registration went unanswered: then that one did
            PushVerdict.Taken => EndAsync(claim, outcome, outcome.ListKey, NewOnTheList, OnTheListBefore, cancellationToken),
            PushVerdict.HeldBefore => EndAsync(
                claim, outcome, outcome.ListKey, claim.InDoubt ? NewOnTheList : OnTheListBefore, OnTheListBefore, cancellationToken),
            PushVerdict.HeldSomehow => EndAsync(
                claim, outcome, outcome.ListKey, claim.InDoubt ? NewOnTheList : WithTheListBefore, WithTheListBefore, cancellationToken),
            PushVerdict.ConfirmationSent => EndAsync(claim, outcome, outcome.ListKey, ToBeConfirmed, ToBeConfirmed, cancellationToken),
            PushVerdict.Refused => EndUnlistedAsync(claim, outcome, RegistrationStatus.Rejected, cancellationToken),
            PushVerdict.Suppressed => EndUnlistedAsync(claim, outcome, RegistrationStatus.Suppressed, cancellationToken),
            PushVerdict.Postponed or PushVerdict.Blocked or PushVerdict.BlockedForLong or PushVerdict.NotConfigured =>
                KeepAsync(claim, outcome, cancellationToken),
        };

    private Task<Recorded?> EndUnlistedAsync(
        Claim claim, PushOutcome outcome, RegistrationStatus status, CancellationToken cancellationToken)
    {
        var end = new End(status, outcome.Reason!.Message);
        return EndAsync(claim, outcome, listKey: null, end, end, cancellationToken);
    }

    private async Task<Recorded?> EndAsync(
        Claim claim, PushOutcome outcome, string? listKey, End ifListed, End otherwise, CancellationToken cancellationToken) =>
        await db.Statements.FindAsync<Recorded?>(
            claim.Tenant,
            EndSql,
            [
                claim.Tenant.Value,
                claim.RegistrationId,
                queue.Worker,
                claim.Item.Attempts,
                TenantStatements.Text(listKey),
                claim.Subject,
                clock.GetUtcNow(),
                outcome.Asked ? 1 : 0,
                (int)ifListed.Status,
                ifListed.Message,
                (int)otherwise.Status,
                otherwise.Message,
                TenantStatements.Text(outcome.Reason?.Code),
                claim.GateFailures > 0,
                outcome.Verdict is not PushVerdict.ConfirmationSent,
                outcome.Verdict is PushVerdict.HeldBefore or PushVerdict.HeldSomehow,
                (int)ToBeConfirmed.Status,
                ToBeConfirmed.Message,
                TenantStatements.Text(outcome.Through?.ConnectionId),
                TenantStatements.Text(outcome.Through?.AccountName),
            ],
            answer => new Recorded((RegistrationStatus)answer.GetInt32(0)),
            cancellationToken);

    private async Task<Recorded?> KeepAsync(Claim claim, PushOutcome outcome, CancellationToken cancellationToken)
    {
        await using var context = db.For(claim.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Registrations.SingleOrDefaultAsync(r => r.Id == claim.RegistrationId, cancellationToken) is not { } row)
        {
            // its person was forgotten meanwhile, and the claim went with it
            return null;
        }

        row.UpdatedAt = clock.GetUtcNow();
        row.Attempts += outcome.Asked ? 1 : 0;
        if (outcome.Through is { } through)
        {
            (row.ConnectionId, row.AccountName) = (through.ConnectionId, through.AccountName);
        }

        var shown = outcome.Verdict switch
        {
            PushVerdict.NotConfigured => await AwaitSetupAsync(context, claim, outcome, cancellationToken),
            PushVerdict.Blocked or PushVerdict.BlockedForLong => await BlockAsync(context, claim, outcome, row, cancellationToken),
            _ => await PostponeAsync(
                context, claim, outcome, row, Backoff.After(row.Attempts, outcome.Reason!.RetryAfter), cancellationToken),
        };
        if (shown is null)
        {
            return null;
        }

        if (claim.GateFailures > 0 && outcome.Verdict is PushVerdict.Postponed)
        {
            // this one was let through to try, and Zoho answered
            await PushGate.OpenAsync(context, cancellationToken);
        }

        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return shown;
    }

    private async Task<Recorded?> PostponeAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, RegistrationRow row, TimeSpan delay, CancellationToken cancellationToken)
    {
        row.NextAttemptAt = row.UpdatedAt + delay;
        (row.Status, row.Code, row.Message) = (RegistrationStatus.Retrying, outcome.Reason!.Code, outcome.Reason.Message);
        // without an answer nobody knows whether Zoho took the contact
        var inDoubt = claim.InDoubt || (outcome.Asked && outcome.Reason.Kind is FailureKind.Unavailable);
        return await queue.DeferAsync(context, claim, row.NextAttemptAt.Value, inDoubt, cancellationToken) ? new Recorded(row.Status) : null;
    }

    private async Task<Recorded?> BlockAsync(
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
            context, retrying.Status, reason, row.UpdatedAt, row.UpdatedAt + closedFor, claim.GateFailures, failures, outcome.Through,
            cancellationToken);
        return retrying;
    }

    private async Task<Recorded?> AwaitSetupAsync(
        CampaignsDbContext context, Claim claim, PushOutcome outcome, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!await queue.DeferAsync(context, claim, now, claim.InDoubt, cancellationToken))
        {
            return null;
        }

        // the lock makes a change of the settings wait for this transaction or this transaction see it
        var settings = await context.Settings.FromSql($"SELECT * FROM campaigns_settings FOR SHARE").AsNoTracking().ToListAsync(cancellationToken);
        // what was changed meanwhile keeps nothing back any more
        var isNews = false;
        if (settings.Single().ListKey == outcome.ListKey)
        {
            isNews = await PushGate.CloseAsync(
                context,
                RegistrationStatus.NotConfigured,
                outcome.Reason!,
                now,
                now + Backoff.Jittered(LookAgainForSetup),
                claim.GateFailures,
                failures: 1,
                outcome.Through,
                cancellationToken);
        }

        return new Recorded(RegistrationStatus.NotConfigured, isNews);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct End(RegistrationStatus Status, string Message);
}

/// <summary>What a registration shows once a push of it is recorded.</summary>
/// <param name="Status">Its status.</param>
/// <param name="IsNews">
/// False where it is kept back for what its tenant's registrations were kept back for before, or for settings that are others by now.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Recorded(RegistrationStatus Status, bool IsNews = true);
