using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>
/// Has the feeds of a connection looked at at once when it changed: what they wait for may be there. Else they look after ten minutes.
/// </summary>
internal sealed class ConnectionWatch(RedisServer redis, Copies<CrmDbContext> copies, ILogger<ConnectionWatch> logger)
    : TokenChangeWatch(redis, logger)
{
    protected override Task ChangedAsync(TokenChange change, CancellationToken cancellationToken) =>
        copies.WakeAsync(change.Tenant, change.ConnectionId.ToString(), cancellationToken);
}
