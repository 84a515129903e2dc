using Microsoft.EntityFrameworkCore;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.People;

/// <summary>The phone map: which lead or contact of the CRM has which phone, as it was told.</summary>
internal sealed class PeopleStore(TenantDb<MessagingDbContext> db)
{
    /// <summary>
    /// The record of each of these phones that has one: a lead before a contact, of several the oldest; of a lead that was converted the contact that
    /// it became.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, CrmRecordKey>> FindAsync(
        TenantId tenant, string[] phoneKeys, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = await context.People.AsNoTracking()
            .Where(person => person.PhoneKeys.Any(key => phoneKeys.Contains(key)))
            .ToListAsync(cancellationToken);
        var found = new Dictionary<string, CrmRecordKey>(StringComparer.Ordinal);
        foreach (var person in rows
            .OrderBy(person => person is { Module: CrmModules.Leads, ContactId: null } ? 0 : person.Module == CrmModules.Contacts ? 1 : 2)
            .ThenBy(person => person.RecordId.Length)
            .ThenBy(person => person.RecordId, StringComparer.Ordinal))
        {
            foreach (var key in person.PhoneKeys)
            {
                found.TryAdd(key, person.ContactId is { } contact ? new CrmRecordKey(CrmModules.Contacts, contact) : new CrmRecordKey(person.Module, person.RecordId));
            }
        }

        return found;
    }

    /// <summary>
    /// Up to when all records of the module are known, by Zoho's clock; null until all of them were told once and their phones read by the region that is set
    /// now.
    /// </summary>
    public async Task<DateTimeOffset?> KnownUntilAsync(TenantId tenant, string module, string? region, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.FollowedModules
            .Where(row => row.Module == module && row.Region == (region ?? ""))
            .Select(row => row.KnownUntil)
            .SingleOrDefaultAsync(cancellationToken);
    }
}
