using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>Tells this replica's followers of a feed that it has something new, whichever replica read it.</summary>
internal sealed class FeedChanges([FromKeyedServices(FeedChanges.Channel)] DatabaseSignal signal)
{
    /// <summary>Where the database says it, when the change is committed; with the feed's id.</summary>
    public const string Channel = "feed_changes";

    private const int MostOfATenant = 100;
    private const int MostInAll = 4_000;

    private readonly SignalFeed _feed = new(signal, MostOfATenant, MostInAll);

    /// <summary>Null when the tenant, or all of them together, have as many as they may. Disposing ends it.</summary>
    public SignalFeed.Watcher? TryWatch(TenantId tenant, Guid feedId) => _feed.TryWatch(tenant, feedId.ToString());
}
