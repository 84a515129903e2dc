using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Health;

/// <summary>
/// Tells this replica's watchers that a connection of their tenant changed, whichever replica changed it: triggers in the database say so when
/// the change is committed.
/// </summary>
internal sealed class HealthFeed([FromKeyedServices(HealthFeed.Channel)] DatabaseSignal signal)
{
    /// <summary>Where the database says it; the payload is the tenant's id.</summary>
    public const string Channel = "connection_health";

    /// <summary>Streams of one tenant on one replica: no fewer than the gateway lets it have, a share for each key.</summary>
    public const int MostWatchers = 200;

    private const int MostInAll = 4_000;

    private readonly SignalFeed _feed = new(signal, MostWatchers, MostInAll);

    /// <summary>Null when the tenant, or all of them together, have as many as they may. Disposing ends it.</summary>
    public SignalFeed.Watcher? TryWatch(TenantId tenant) => _feed.TryWatch(tenant, tenant.ToString());
}
