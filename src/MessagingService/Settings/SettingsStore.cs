using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Settings;

/// <summary>A tenant's settings. The row is made by the first who needs it.</summary>
internal sealed class SettingsStore(TenantDb<MessagingDbContext> db, Seals seals, TimeProvider clock)
{
    // so long another replica may go by the region that was set before
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(10);
    private const int MostRegions = 10_000;

    private readonly ConcurrentDictionary<TenantId, (string Region, DateTimeOffset Until)> _regions = new();

    public async Task<SettingsRow> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await RowAsync(context, cancellationToken);
    }

    /// <summary>The region of phones without a country: from memory for some seconds. Null where none is set.</summary>
    public async ValueTask<string?> RegionAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_regions.TryGetValue(tenant, out var known) && known.Until > now)
        {
            return OrNull(known.Region);
        }

        var region = (await ReadAsync(tenant, cancellationToken)).DefaultRegion;
        if (_regions.Count >= MostRegions)
        {
            _regions.Clear();
        }

        _regions[tenant] = (region, now + Trusted);
        return OrNull(region);
    }

    /// <summary>Changes them, and writes into the audit what is another one.</summary>
    public async Task<SettingsRow> ChangeAsync(Caller caller, Action<SettingsRow> change, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var row = await RowAsync(context, cancellationToken);
        context.Attach(row);
        change(row);
        var changes = context.Entry(row).Properties
            .Where(property => property.IsModified && !Equals(property.OriginalValue, property.CurrentValue))
            .ToDictionary(
                property => property.Metadata.GetColumnName(),
                property => new { before = property.OriginalValue, after = property.CurrentValue },
                StringComparer.Ordinal);
        if (changes.Count > 0)
        {
            context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.SettingsChanged, "settings:messaging", changes));
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _regions.TryRemove(caller.Tenant, out _);
        }

        return row;
    }

    /// <summary>Signs links with another key from now on.</summary>
    public async Task RotateLinkKeyAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var row = await RowAsync(context, cancellationToken);
        context.Attach(row);
        row.LinkKey = NewLinkKey(caller.Tenant);
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.LinkKeyRotated, "settings:messaging", new { }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What signs the tenant's links.</summary>
    public byte[] LinkKeyOf(SettingsRow settings) =>
        Convert.FromBase64String(seals.Open(SettingsRow.LinkKeyOf(settings.TenantId), settings.LinkKey));

    private async Task<SettingsRow> RowAsync(MessagingDbContext context, CancellationToken cancellationToken)
    {
        if (await context.Settings.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } settings)
        {
            return settings;
        }

        var key = NewLinkKey(context.Tenant);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO messaging_settings (
                tenant_id, default_region, messages_module, crm_organization_id, daily_notes, dialog_url, lead_source, link_key)
            VALUES ({context.Tenant.Value}, '', '', '', false, '', '', {key}) ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        return await context.Settings.AsNoTracking().SingleAsync(cancellationToken);
    }

    private byte[] NewLinkKey(TenantId tenant) =>
        seals.Seal(SettingsRow.LinkKeyOf(tenant), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    private static string? OrNull(string region) => region.Length == 0 ? null : region;
}
