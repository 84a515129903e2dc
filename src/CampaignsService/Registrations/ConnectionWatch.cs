using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Lets registrations, syncs, opt-outs and copies of lists that wait for a connection try at once when one of their tenant's was made or mended. Else they
/// look after minutes.
/// </summary>
internal sealed partial class ConnectionWatch(
    RedisServer redis,
    TenantDb<CampaignsDbContext> db,
    FeatureAccess access,
    Copies<CampaignsDbContext> copies,
    TimeProvider clock,
    ILogger<ConnectionWatch> logger) : TokenChangeWatch(redis, logger)
{
    private const string Purpose = "campaigns.watch";

    protected override async Task ChangedAsync(TokenChange change, CancellationToken cancellationToken)
    {
        var tenant = change.Tenant;
        await using var context = db.For(tenant);
        var now = clock.GetUtcNow();
        if (await PushGate.TryNowAsync(context, now, () => FindAsync(tenant, cancellationToken), cancellationToken))
        {
            LogTried(tenant);
        }

        if (await OptOuts.TellNowAsync(context, now, cancellationToken) is > 0 and var optOuts)
        {
            LogOptOutsTried(tenant, optOuts);
        }

        if (await SyncWaits.TryNowAsync(context, now, cancellationToken) is > 0 and var syncs)
        {
            LogSyncsTried(tenant, syncs);
        }

        if (await FindAsync(tenant, cancellationToken) is { } call)
        {
            await copies.WakeAsync(tenant, call.ConnectionId, cancellationToken);
        }
    }

    private async Task<ProviderCall?> FindAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await access.ForAsync(tenant, Purpose, cancellationToken)).Succeeded(out var call, out _) ? call : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, waiting registrations try now")]
    private partial void LogTried(TenantId tenant);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, Zoho is told of {OptOuts} opt-outs now")]
    private partial void LogOptOutsTried(TenantId tenant, int optOuts);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, {Syncs} waiting syncs try now")]
    private partial void LogSyncsTried(TenantId tenant, int syncs);
}
