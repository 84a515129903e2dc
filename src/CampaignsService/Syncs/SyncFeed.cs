using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>Tells this replica's watchers of a sync that it changed, whichever replica changed it.</summary>
internal sealed class SyncFeed([FromKeyedServices(SyncFeed.Channel)] DatabaseSignal signal)
{
    /// <summary>Where the database says it, when the change is committed; with the sync's id.</summary>
    public const string Channel = "sync_changes";

    /// <summary>Streams of one tenant on one replica: no fewer than the gateway lets it have, a share for each key.</summary>
    public const int MostOfATenant = 200;

    private const int MostInAll = 4_000;

    private readonly SignalFeed _feed = new(signal, MostOfATenant, MostInAll);

    /// <summary>Null when the tenant, or all of them together, have as many as they may. Disposing ends it.</summary>
    public SignalFeed.Watcher? TryWatch(TenantId tenant, Guid id) => _feed.TryWatch(tenant, id.ToString());
}
