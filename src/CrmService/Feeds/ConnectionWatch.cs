using System.Threading.Channels;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>
/// Has the feeds of a connection looked at at once when the token service says that it changed: what they wait for may be there. What is said while
/// nobody hears it costs them the ten minutes after which they look by themselves.
/// </summary>
internal sealed partial class ConnectionWatch(RedisServer redis, Copies<CrmDbContext> copies, ILogger<ConnectionWatch> logger) : BackgroundService
{
    private const int MostWaiting = 1_000;

    private readonly Channel<TokenChange> _changed = Channel.CreateBounded<TokenChange>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await redis.SubscribeWhenThereAsync(TokenChange.Channel, Heard, stoppingToken);
        await foreach (var change in _changed.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await copies.WakeAsync(change.Tenant, change.ConnectionId.ToString(), stoppingToken);
            }
            catch (Exception e) when (StorageOutage.Is(e))
            {
                LogMissed(e, change.Tenant.Value, change.ConnectionId);
            }
        }
    }

    private void Heard(string message)
    {
        if (TokenChange.TryParse(message, out var change))
        {
            _changed.Writer.TryWrite(change);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Tenant {TenantId}: connection {ConnectionId} changed, and feeds that wait for it look for it by themselves")]
    private partial void LogMissed(Exception exception, Guid tenantId, Guid connectionId);
}
