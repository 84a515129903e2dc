using ZohoPlatform.Audit;
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
internal sealed class ZohoChanges(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    public static string ListSubject(string listKey) => $"list:{listKey}";

    public Task NoteListAsync(Caller caller, string listKey, int contacts, bool publicSignup) => WriteAsync(
        caller, AuditActions.ListCreated, _ => Task.FromResult(ListSubject(listKey)), new { contacts, public_signup = publicSignup });

    /// <summary>The person is not brought onto the list again.</summary>
    /// <param name="caller">Who said so.</param>
    /// <param name="action">What it is.</param>
    /// <param name="reason">The same, for who is pushed later.</param>
    /// <param name="email">Whose address; the entry has a keyed hash of it.</param>
    /// <param name="listKey">On which list; null for all.</param>
    public Task NoteContactAsync(Caller caller, string action, OptOutReason reason, string email, string? listKey) => WriteAsync(
        caller,
        action,
        async context =>
        {
            var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, CancellationToken.None), email);
            await OptOuts.RememberAsync(context, subject, listKey, reason, clock.GetUtcNow(), CancellationToken.None);
            await RegistrationQueue.ReadAfreshAsync(context, subject, CancellationToken.None);
            return EmailSubject.InAudit(subject);
        },
        new { list_key = listKey });

    /// <summary>Zoho has done it as well.</summary>
    public async Task NoteToldAsync(TenantId tenant, OptOutReason reason, string email, string? listKey)
    {
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, CancellationToken.None), email);
        await OptOuts.RememberAsync(context, subject, listKey, reason, clock.GetUtcNow(), CancellationToken.None);
        await OptOuts.ToldAsync(context, subject, listKey, CancellationToken.None);
        await transaction.CommitAsync();
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
