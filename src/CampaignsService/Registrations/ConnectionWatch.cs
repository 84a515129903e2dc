using System.Threading.Channels;
using ZohoPlatform.CampaignsService.Access;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Lets registrations, syncs, opt-outs and copies of lists that wait for a connection try at once when one of their tenant's was made or mended, which
/// the token service says to all. What is said while nobody hears it costs them the minutes after which they look by themselves.
/// </summary>
internal sealed partial class ConnectionWatch(
    RedisServer redis,
    TenantDb<CampaignsDbContext> db,
    CampaignsAccess access,
    Copies<CampaignsDbContext> copies,
    TimeProvider clock,
    ILogger<ConnectionWatch> logger) : BackgroundService
{
    private const string Purpose = "campaigns.watch";
    private const int MostWaiting = 1_000;

    private readonly Channel<TenantId> _changed = Channel.CreateBounded<TenantId>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await redis.SubscribeWhenThereAsync(TokenChange.Channel, Heard, stoppingToken);
        await foreach (var tenant in _changed.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await using var context = db.For(tenant);
                var now = clock.GetUtcNow();
                if (await PushGate.TryNowAsync(context, now, () => FindAsync(tenant, stoppingToken), stoppingToken))
                {
                    LogTried(tenant);
                }

                if (await OptOuts.TellNowAsync(context, now, stoppingToken) is > 0 and var optOuts)
                {
                    LogOptOutsTried(tenant, optOuts);
                }

                if (await SyncWaits.TryNowAsync(context, now, stoppingToken) is > 0 and var syncs)
                {
                    LogSyncsTried(tenant, syncs);
                }

                if (await FindAsync(tenant, stoppingToken) is { } call)
                {
                    await copies.WakeAsync(tenant, call.ConnectionId, stoppingToken);
                }
            }
            catch (Exception e) when (StorageOutage.Is(e))
            {
                LogMissed(e, tenant);
            }
        }
    }

    private async Task<ProviderCall?> FindAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await access.ForAsync(tenant, Purpose, cancellationToken)).Succeeded(out var call, out _) ? call : null;

    private void Heard(string message)
    {
        if (TokenChange.TryParse(message, out var change))
        {
            _changed.Writer.TryWrite(change.Tenant);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, waiting registrations try now")]
    private partial void LogTried(TenantId tenant);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, Zoho is told of {OptOuts} opt-outs now")]
    private partial void LogOptOutsTried(TenantId tenant, int optOuts);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {Tenant}: a connection changed, {Syncs} waiting syncs try now")]
    private partial void LogSyncsTried(TenantId tenant, int syncs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {Tenant}: a connection changed, and what waits for one looks for it by itself")]
    private partial void LogMissed(Exception exception, TenantId tenant);
}
