using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
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
internal sealed class ContactErasure(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "registration_not_found", "There is no registration with this id.");

    /// <summary>The person behind a registration.</summary>
    public async Task<Result<ForgetContactResponse>> ForgetRegisteredAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var registration) || await EmailAsync(caller.Tenant, registration, cancellationToken) is not { } email)
        {
            return NotFound;
        }

        return await ForgetAsync(caller, email, cancellationToken);
    }

    /// <summary>The person of an address, whether anything is known of them or not.</summary>
    public async Task<Result<ForgetContactResponse>> ForgetAsync(Caller caller, string email, CancellationToken cancellationToken)
    {
        var (address, now) = (EmailAddress.Normalise(email), clock.GetUtcNow());
        await using var context = db.For(caller.Tenant);
        var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, cancellationToken), address);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // a registration of the address that is stored at this moment is there before, or comes after and is suppressed
        await context.LockAsync(RegistrationStore.TurnOf(subject), cancellationToken);
        var sync = await context.Database.SqlQuery<Guid?>(
            $"""
            SELECT c.sync_id AS "Value" FROM sync_contacts c JOIN syncs s ON s.tenant_id = c.tenant_id AND s.id = c.sync_id
            WHERE c.key = {address} AND c.outcome = {(int)SyncContactOutcome.Pending} AND s.ended_at IS NULL LIMIT 1
            """)
            .SingleOrDefaultAsync(cancellationToken);
        if (sync is { } open)
        {
            return new Failure(
                FailureKind.Precondition,
                "contact_in_sync",
                $"The sync {open} has yet to push this contact: wait until it has ended, or cancel it, and ask again.");
        }

        // what a push comes to that is under way is written nowhere: its place in the queue is gone
        await context.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM registration_queue
            WHERE tenant_id = {caller.Tenant.Value} AND id IN (SELECT id FROM registrations WHERE lower(email) = {address})
            """,
            cancellationToken);
        var registrations = await context.Database.ExecuteSqlAsync($"DELETE FROM registrations WHERE lower(email) = {address}", cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM subscriptions WHERE subject = {subject}", cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM sync_members WHERE key = {address}", cancellationToken);
        // the row stays, so that the sync's numbers do
        var rows = await context.Database.ExecuteSqlAsync(
            $"UPDATE sync_contacts SET email = '', key = NULL, fields = NULL WHERE key = {address} OR lower(email) = {address}",
            cancellationToken);
        await OptOuts.RememberAsync(context, subject, listKey: null, OptOutReason.Forgotten, now, cancellationToken);
        context.Audit(AuditEntry.Of(
            caller,
            now,
            AuditActions.ContactForgotten,
            EmailSubject.InAudit(subject),
            new { registrations, sync_contacts = rows }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ForgetContactResponse { Registrations = registrations, SyncContacts = rows };
    }

    private async Task<string?> EmailAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Registrations.Where(row => row.Id == id).Select(row => row.Contact.Email).SingleOrDefaultAsync(cancellationToken);
    }
}
