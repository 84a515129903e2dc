using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>One test's world: a database of its own, the token service played, and replicas of the service that come and go.</summary>
internal sealed class MessagingWorld : IAsyncDisposable
{
    private readonly List<MessagingHost> _replicas = [];
    private readonly string _masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private MessagingWorld(Zoho zoho) => Zoho = zoho;

    public Zoho Zoho { get; }

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public PlayedTokens Tokens { get; private set; } = null!;

    public PlayedInbox Inbox { get; private set; } = null!;

    public PlayedWebhooks Webhooks { get; private set; } = null!;

    public string Database { get; private set; } = "";

    /// <summary>The first replica.</summary>
    public MessagingHost Host => _replicas[0];

    public static async Task<MessagingWorld> StartAsync(Zoho zoho, int replicas = 1, bool withModule = true)
    {
        await zoho.ResetAsync(withModule);
        var world = new MessagingWorld(zoho);
        world.Tokens = await PlayedTokens.StartAsync(zoho.Simulator, world.Clock);
        world.Inbox = await PlayedInbox.StartAsync(world.Clock);
        world.Webhooks = await PlayedWebhooks.StartAsync(world.Clock);
        world.Database = await new MessagingDatabase().RentAsync();
        foreach (var _ in Enumerable.Range(0, replicas))
        {
            await world.AddReplicaAsync();
        }

        return world;
    }

    public async Task<MessagingHost> AddReplicaAsync()
    {
        var replica = await MessagingHost.StartAsync(Database, _masterKey, Tokens.Url, Inbox.Url, Webhooks.Url, Zoho.Simulator, Clock);
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Has time pass for all, Zoho's clock too.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await Zoho.Simulator.ControlAsync(HttpMethod.Post, "clock", new { advance_seconds = (int)time.TotalSeconds });
        Clock.Advance(time);
    }

    /// <summary>Ends what follows the CRM's people, as the end of its ticket does.</summary>
    public Task ReconnectAsync() => Inbox.CutAsync();

    /// <summary>A tenant that is connected to the CRM.</summary>
    public async Task<MessagingTenant> TenantAsync()
    {
        var tenant = new MessagingTenant(this, new TenantId(Guid.NewGuid()));
        await Tokens.ConnectAsync(tenant.Id, "us", Zoho.Scopes);
        return tenant;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await Tokens.DisposeAsync();
        await Inbox.DisposeAsync();
        await Webhooks.DisposeAsync();
        await new MessagingDatabase().GiveBackAsync(Database);
    }
}

/// <summary>What apps and people of one tenant do.</summary>
internal sealed class MessagingTenant(MessagingWorld world, TenantId id)
{
    public TenantId Id => id;

    public Grpc.Core.Metadata As(Role role) => world.Host.TicketOf(id, role);

    /// <summary>A message from a person.</summary>
    public NewMessage From(string phone, string externalId, string text = "Hello", DateTimeOffset? sentAt = null, string name = "Ada") => new()
    {
        ExternalId = externalId,
        Direction = MessageDirection.Inbound,
        Phone = phone,
        Name = name,
        Text = text,
        SentAt = (sentAt ?? world.Clock.GetUtcNow()).ToTimestamp(),
    };

    /// <summary>A message to a person.</summary>
    public NewMessage To(string phone, string externalId, DeliveryStatus status = DeliveryStatus.Sent) => new()
    {
        ExternalId = externalId,
        Direction = MessageDirection.Outbound,
        Phone = phone,
        Text = "Good day",
        Status = status,
        SentAt = world.Clock.GetUtcNow().ToTimestamp(),
    };

    public async Task<IReadOnlyList<StoredMessage>> SubmitAsync(params IEnumerable<NewMessage> messages) =>
        (await world.Host.Messages.SubmitMessagesAsync(new SubmitMessagesRequest { Messages = { messages } }, As(Role.Operator))).Messages;

    public async Task<Message> MessageAsync(string id) =>
        await world.Host.Messages.GetMessageAsync(new GetMessageRequest { Id = id }, As(Role.Viewer));

    public async Task<IReadOnlyList<Message>> MessagesAsync(SyncState state = SyncState.Unspecified) =>
        (await world.Host.Messages.ListMessagesAsync(
            new ListMessagesRequest { PageSize = 200, SyncState = state, OrderBy = "sent_at asc" }, As(Role.Viewer))).Messages;

    public async Task<Conversation> ConversationAsync(string id) =>
        await world.Host.Conversations.GetConversationAsync(new GetConversationRequest { Id = id }, As(Role.Viewer));

    /// <summary>One once it is in this state.</summary>
    public Task<Message> OnceAsync(string id, SyncState state) => Eventually.GetAsync(() => MessageAsync(id), message => message.SyncState == state);

    /// <summary>Waits until nothing waits to be synced, and says what came of each.</summary>
    public async Task SettledAsync()
    {
        await Eventually.GetAsync(
            async () => (long)(await world.SqlAsync($"SELECT count(*) FROM delivery_queue WHERE tenant_id = '{id.Value}'"))!, queued => queued == 0);
    }
}
