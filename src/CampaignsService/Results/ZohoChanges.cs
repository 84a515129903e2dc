using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>
/// The audit of what is changed at Zoho: a list once Zoho has made it, who is kept off before Zoho is told; also where the caller has gone meanwhile.
/// No transaction spans both: a list that was made in the moment in which this process dies is not in it.
/// </summary>
internal sealed class ZohoChanges(
    TenantDb<CampaignsDbContext> db, [FromKeyedServices(OptOuts.Queue)] WorkQueue untold, TimeProvider clock)
{
    public static string ListSubject(string listKey) => $"list:{listKey}";

    public Task NoteListAsync(Caller caller, string listKey, int contacts, bool publicSignup) => WriteAsync(
        caller, AuditActions.ListCreated, _ => Task.FromResult(ListSubject(listKey)), new { contacts, public_signup = publicSignup });

    /// <summary>
    /// The person is not brought onto the list again, and Zoho is to be told. By whoever gets the answer, which is claimed for this process; null
    /// where Zoho is told of it at this moment.
    /// </summary>
    /// <param name="caller">Who said so.</param>
    /// <param name="action">What it is.</param>
    /// <param name="email">Whose address; the entry has a keyed hash of it.</param>
    /// <param name="listKey">On which list; null for all.</param>
    public async Task<WorkItem?> NoteContactAsync(Caller caller, string action, string email, string? listKey)
    {
        WorkItem? toTell = null;
        await WriteAsync(
            caller,
            action,
            async context =>
            {
                var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, CancellationToken.None), email);
                var tellId = await OptOuts.KeepOffAsync(context, subject, email, listKey, clock.GetUtcNow(), CancellationToken.None);
                toTell = await untold.AddClaimedAsync(context, caller.Tenant, tellId, CancellationToken.None);
                await RegistrationQueue.ReadAfreshAsync(context, subject, CancellationToken.None);
                return EmailSubject.InAudit(subject);
            },
            new { list_key = listKey });
        return toTell;
    }

    /// <summary>How many of these are brought onto no list.</summary>
    public async Task<int> CountOptedOutAsync(TenantId tenant, IEnumerable<string> emails, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var key = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        var connection = await context.OpenAsync(cancellationToken);
        return (await OptOuts.FindAsync(
            connection, [.. emails.Select(email => EmailSubject.Of(key, email))], listKey: null, since: null, cancellationToken)).Count;
    }

    private async Task WriteAsync(Caller caller, string action, Func<CampaignsDbContext, Task<string>> subjectOf, object details)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, await subjectOf(context), details));
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
