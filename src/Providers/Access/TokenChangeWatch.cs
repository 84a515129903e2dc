using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.Providers.Access;

/// <summary>
/// Has a service do something at once when the token service says that a connection changed: what waits for one may go on. What is said while nobody
/// hears it, or while the database is away, is lost: whoever waits has to look by itself, too.
/// </summary>
public abstract partial class TokenChangeWatch(RedisServer redis, ILogger<TokenChangeWatch> logger) : BackgroundService
{
    private const int MostWaiting = 1_000;

    private readonly Channel<TokenChange> _changed = Channel.CreateBounded<TokenChange>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>One change after the other.</summary>
    protected abstract Task ChangedAsync(TokenChange change, CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await redis.SubscribeWhenThereAsync(TokenChange.Channel, Heard, stoppingToken);
        await foreach (var change in _changed.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await ChangedAsync(change, stoppingToken);
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
        Level = LogLevel.Warning, Message = "Tenant {TenantId}: connection {ConnectionId} changed, and what waits for one looks for it by itself")]
    private partial void LogMissed(Exception exception, Guid tenantId, Guid connectionId);
}
