namespace ZohoPlatform.Simulator.Crm.Notifications;

/// <summary>What a channel wants to hear of one module.</summary>
/// <param name="Module">Its API name.</param>
/// <param name="Kinds">Create, edit, delete.</param>
/// <param name="Fields">Edits of these fields only; null for all.</param>
internal sealed record WatchedModule(string Module, IReadOnlySet<ChangeKind> Kinds, IReadOnlySet<string>? Fields);

/// <summary>A channel: which changes are told to which address until when.</summary>
internal sealed record WatchChannel(
    string Id, long Zuid, IReadOnlyList<WatchedModule> Modules, string NotifyUrl, string? Token, DateTimeOffset ExpiresAt,
    bool ReturnsValues, bool TellsRelated);

/// <summary>The channels of an organisation, each a user's own. Those that have ended are silent and still listed for nobody.</summary>
internal sealed class Channels
{
    private readonly Dictionary<(long Zuid, string Id), WatchChannel> _channels = [];

    public bool Any => _channels.Count > 0;

    public IEnumerable<WatchChannel> Live(DateTimeOffset now) => _channels.Values.Where(channel => channel.ExpiresAt > now);

    public WatchChannel? Find(long zuid, string id, DateTimeOffset now) =>
        _channels.TryGetValue((zuid, id), out var channel) && channel.ExpiresAt > now ? channel : null;

    public void Put(WatchChannel channel) => _channels[(channel.Zuid, channel.Id)] = channel;

    public void Remove(WatchChannel channel) => _channels.Remove((channel.Zuid, channel.Id));

    public void Clear() => _channels.Clear();
}
