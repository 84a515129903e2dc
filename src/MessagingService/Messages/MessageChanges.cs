using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>Tells this replica's watchers of a tenant that messages were stored or changed, whichever replica did it.</summary>
internal sealed class MessageChanges([FromKeyedServices(MessageChanges.Channel)] DatabaseSignal signal)
{
    /// <summary>Where the database says it, when the change is committed; with the tenant's id.</summary>
    public const string Channel = "message_changes";

    /// <summary>Streams of one tenant on one replica: no fewer than the gateway lets it have, a share for each key.</summary>
    public const int MostOfATenant = 200;

    private const int MostInAll = 4_000;

    private readonly SignalFeed _feed = new(signal, MostOfATenant, MostInAll);

    /// <summary>Null when the tenant, or all of them together, have as many as they may. Disposing ends it.</summary>
    public SignalFeed.Watcher? TryWatch(TenantId tenant) => _feed.TryWatch(tenant, tenant.Value.ToString());
}
