using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>A tenant's settings. The row is made by the first who needs it.</summary>
internal sealed class SettingsStore(TenantDb<CampaignsDbContext> db)
{
    /// <summary>The list that the tenant's registrations go to; null while none is set.</summary>
    public async Task<string?> ListKeyAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return (await context.Settings.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.ListKey;
    }

    /// <summary>Sets the list, or none, and lets the registrations that waited for it try at once.</summary>
    public async Task SetListKeyAsync(TenantId tenant, string? listKey, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        (await RowAsync(context, cancellationToken)).ListKey = listKey;
        await context.SaveChangesAsync(cancellationToken);
        await context.PushBlocks.ExecuteDeleteAsync(cancellationToken);
        await RegistrationQueue.OpenGateAsync(context, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// The queue's name for a mailbox of this tenant: the same for every spelling, and worth nothing without the tenant's key.
    /// </summary>
    public static async Task<byte[]> SubjectOfAsync(CampaignsDbContext context, string email, CancellationToken cancellationToken) =>
        HMACSHA256.HashData(await SubjectKeyAsync(context, cancellationToken), Encoding.UTF8.GetBytes(EmailAddress.Normalise(email)));

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
