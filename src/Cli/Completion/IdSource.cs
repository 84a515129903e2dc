using System.CommandLine;
using System.CommandLine.Completions;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Completion;

/// <summary>A kind of things whose ids a shell completes: the gateway is asked for them when somebody presses the key.</summary>
internal sealed class IdSource
{
    private const int Most = 50;

    private static readonly Dictionary<string, IdSource> All = new(StringComparer.Ordinal);

    public static readonly IdSource Connections = new(
        "connections", async (client, stop) => (await client.Connections.ListAsync(cancellationToken: stop)).Select(connection => connection.Id));

    public static readonly IdSource Syncs = new(
        "syncs", async (client, stop) => await client.Campaigns.Syncs.ListAsync().Take(Most).Select(sync => sync.Id).ToListAsync(stop));

    public static readonly IdSource Lists = new(
        "lists", async (client, stop) => (await client.Campaigns.Lists.ListAsync(cancellationToken: stop)).Lists.Select(list => list.Key));

    public static readonly IdSource Campaigns = new(
        "campaigns", async (client, stop) => await client.Campaigns.Reports.ListAsync().Take(Most).Select(one => one.Key).ToListAsync(stop));

    public static readonly IdSource Channels = new(
        "channels", async (client, stop) => (await client.MessagingChannels.ListAsync(stop)).Select(channel => channel.Id));

    public static readonly IdSource Conversations = new(
        "conversations", async (client, stop) => await client.Conversations.ListAsync().Take(Most).Select(one => one.Id).ToListAsync(stop));

    public static readonly IdSource Feeds = new(
        "feeds", async (client, stop) => (await client.Crm.Feeds.ListAsync(stop)).Select(feed => feed.Id));

    public static readonly IdSource Keys = new(
        "keys", async (client, stop) => (await client.ApiKeys.ListAsync(stop)).Select(key => key.Id));

    public static readonly IdSource Tenants = new(
        "tenants", async (client, stop) => (await client.Tenants.ListAsync(stop)).Select(tenant => tenant.Id));

    public static readonly IdSource Webhooks = new(
        "webhooks", async (client, stop) => (await client.Webhooks.ListAsync(stop)).Select(webhook => webhook.Id));

    public static readonly IdSource EventTypes = new(
        "event types", async (client, stop) => (await client.Webhooks.EventTypesAsync(stop)).Select(type => type.Name));

    private readonly string _name;

    private IdSource(string name, Func<PlatformClient, CancellationToken, Task<IEnumerable<string>>> list)
    {
        (_name, ListAsync) = (name, list);
        All.Add(name, this);
    }

    /// <summary>Asks the gateway.</summary>
    public Func<PlatformClient, CancellationToken, Task<IEnumerable<string>>> ListAsync { get; }

    /// <summary>The source whose ids this completion stands for; null where it stands for itself.</summary>
    public static IdSource? Of(CompletionItem item) => item.Kind is { } kind ? All.GetValueOrDefault(kind) : null;

    /// <summary>An argument that is one of these ids.</summary>
    public Argument<string> Argument(string description) => new("id")
    {
        HelpName = "ID",
        Description = description,
        CompletionSources = { Stand },
    };

    // the library completes at once and asks nobody: this one stands for what the gateway will be asked for, and is taken as fitting what was typed
    public IEnumerable<CompletionItem> Stand(CompletionContext context) => [new CompletionItem(context.WordToComplete, kind: _name)];
}
