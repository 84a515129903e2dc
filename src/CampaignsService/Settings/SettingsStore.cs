using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>A tenant's settings. The row is made by the first who needs it.</summary>
internal sealed class SettingsStore(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    /// <summary>The list that the tenant's registrations go to; null while none is set.</summary>
    public async Task<string?> ListKeyAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return (await context.Settings.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.ListKey;
    }

    /// <summary>Sets the list, or none, and lets what waited for it try at once.</summary>
    public async Task SetListKeyAsync(Caller caller, string? listKey, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var row = await RowAsync(context, cancellationToken);
        if (row.ListKey != listKey)
        {
            context.Audit(AuditEntry.Of(
                caller,
                clock.GetUtcNow(),
                AuditActions.SettingsChanged,
                "settings:campaigns",
                new { campaigns_list_key = new { before = row.ListKey, after = listKey } }));
        }

        var before = row.ListKey;
        row.ListKey = listKey;
        await context.SaveChangesAsync(cancellationToken);
        await PushGate.OpenAsync(context, cancellationToken);
        if (before is not null && listKey is not null)
        {
            await SyncWaits.ChangeListAsync(context, before, listKey, clock.GetUtcNow(), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The tenant's key for hashes that nobody without it can make.</summary>
    public static async Task<byte[]> SubjectKeyAsync(CampaignsDbContext context, CancellationToken cancellationToken) =>
        (await RowAsync(context, cancellationToken)).SubjectKey;

    private static async Task<SettingsRow> RowAsync(CampaignsDbContext context, CancellationToken cancellationToken)
    {
        if (await context.Settings.SingleOrDefaultAsync(cancellationToken) is { } settings)
        {
            return settings;
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO campaigns_settings (tenant_id, subject_key) VALUES ({context.Tenant.Value}, {RandomNumberGenerator.GetBytes(32)})
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        return await context.Settings.SingleAsync(cancellationToken);
    }
}
