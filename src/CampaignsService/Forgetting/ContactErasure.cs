using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>Deletes what is kept of one person, in one transaction, and remembers by a keyed hash that it did.</summary>
internal sealed class ContactErasure(TenantDb<CampaignsDbContext> db, PersonTurns turns, TimeProvider clock)
{
    // the gateway keeps an answer for a day
    private static readonly TimeSpan AnswersAreKeptFor = TimeSpan.FromDays(2);

    private static readonly Failure IsPushed = new(
        FailureKind.Precondition,
        "contact_being_pushed",
        "A contact of this person is on its way to Zoho at this moment: ask again in a few seconds.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    /// <summary>The person behind a registration.</summary>
    public Task<Result<ForgetContactResponse>> ForgetRegisteredAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        InTurnAsync(
            caller,
            async context => Guid.TryParse(id, out var registration)
                ? await context.Registrations
                    .Where(row => row.Id == registration)
                    .Select(row => row.Subject)
                    .SingleOrDefaultAsync(cancellationToken)
                : null,
            cancellationToken);

    /// <summary>The person of an address, whether anything is known of them or not.</summary>
    public Task<Result<ForgetContactResponse>> ForgetAsync(Caller caller, string email, CancellationToken cancellationToken) => InTurnAsync(
        caller,
        async context => EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, cancellationToken), email),
        cancellationToken);

    private Task<Result<ForgetContactResponse>> InTurnAsync(
        Caller caller, Func<CampaignsDbContext, Task<byte[]?>> find, CancellationToken cancellationToken) => turns.InTurnAsync<ForgetContactResponse>(
        caller.Tenant,
        async () =>
        {
            await using var context = db.For(caller.Tenant);
            return await find(context) is { } subject ? await ForgetAsync(context, caller, subject, cancellationToken) : RegistrationStore.NotFound;
        },
        cancellationToken);

    private async Task<Result<ForgetContactResponse>> ForgetAsync(
        CampaignsDbContext context, Caller caller, byte[] subject, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // a registration of the address that is stored at this moment is there before, or comes after and is suppressed
        await context.LockAsync(RegistrationStore.TurnOf(subject), cancellationToken);
        var sync = await context.Database.SqlQuery<Guid?>(
            $"""
            SELECT c.sync_id AS "Value" FROM sync_contacts c JOIN syncs s ON s.tenant_id = c.tenant_id AND s.id = c.sync_id
            WHERE c.subject = {subject} AND c.outcome = {(int)SyncContactOutcome.Pending} AND s.ended_at IS NULL LIMIT 1
            """)
            .SingleOrDefaultAsync(cancellationToken);
        if (sync is { } open)
        {
            return new Failure(
                FailureKind.Precondition,
                "contact_in_sync",
                $"The sync {open} has yet to push this contact: wait until it has ended, or cancel it, and ask again.");
        }

        if (await OptOuts.IsBeingToldAsync(context, subject, cancellationToken))
        {
            return OptOutLift.IsBeingTold;
        }

        // Zoho would have the person after they were forgotten here
        if (await context.Database.SqlQuery<bool>(
            $"""
            SELECT EXISTS (
                SELECT 1 FROM registration_queue
                WHERE tenant_id = {caller.Tenant.Value} AND subject = {subject} AND claimed_until > {now}) AS "Value"
            """).SingleAsync(cancellationToken))
        {
            return IsPushed;
        }

        await context.Database.ExecuteSqlAsync(
            $"DELETE FROM registration_queue WHERE tenant_id = {caller.Tenant.Value} AND subject = {subject}", cancellationToken);
        var kept = await context.Registrations
            .Where(row => row.Subject == subject && row.IdempotencyKey != null && row.CreatedAt > now - AnswersAreKeptFor)
            .Select(row => row.Id)
            .ToListAsync(cancellationToken);
        var registrations = await context.Registrations.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM subscriptions WHERE subject = {subject}", cancellationToken);
        // the rows stay, so that the syncs' numbers do
        var rows = await context.Database.ExecuteSqlAsync(
            $"UPDATE sync_contacts SET email = '', key = NULL, subject = NULL, fields = NULL WHERE subject = {subject}", cancellationToken);
        await OptOuts.ForgetUntoldAsync(context, subject, cancellationToken);
        await OptOuts.RememberAsync(context, subject, listKey: null, OptOutReason.Forgotten, now, cancellationToken);
        context.Audit(AuditEntry.Of(
            caller,
            now,
            AuditActions.ContactForgotten,
            EmailSubject.InAudit(subject),
            new { registrations, sync_contacts = rows }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ForgetContactResponse
        {
            Registrations = registrations,
            SyncContacts = rows,
            KeptRegistrationIds = { kept.Select(id => id.ToString()) },
        };
    }
}
