using System.Buffers;
using System.Collections.Concurrent;
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
    private readonly List<RecordedLog> _logs = [];
    private readonly ConcurrentDictionary<string, bool> _personal = new(StringComparer.Ordinal);
    private readonly string _masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private MessagingWorld(Zoho zoho) => Zoho = zoho;

    public Zoho Zoho { get; }

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public PlayedTokens Tokens { get; private set; } = null!;

    public PlayedInbox Inbox { get; private set; } = null!;

    public PlayedWebhooks Webhooks { get; private set; } = null!;

    public string Database { get; private set; } = "";

    public IReadOnlyList<MessagingHost> Replicas => _replicas;

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

    /// <summary>What a replica is told.</summary>
    public Task<IReadOnlyDictionary<string, string?>> SettingsAsync() =>
        MessagingHost.SettingsAsync(Database, _masterKey, Tokens.Url, Inbox.Url, Webhooks.Url, Zoho.Simulator);

    public async Task<MessagingHost> AddReplicaAsync()
    {
        var replica = MessagingHost.Start(await SettingsAsync(), Clock);
        _replicas.Add(replica);
        _logs.Add(replica.Log);
        return replica;
    }

    /// <summary>Stops a replica in the middle of whatever it does, and puts another one in its place.</summary>
    public async Task ReplaceOneAsync()
    {
        var stopped = _replicas[0];
        await AddReplicaAsync();
        _replicas.RemoveAt(0);
        await stopped.DisposeAsync();
    }

    /// <summary>Takes all connections away in the middle of whatever is done.</summary>
    public async Task CutAsync()
    {
        await SqlAsync(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        // the test's own among them
        await using var connection = new NpgsqlConnection(Database);
        NpgsqlConnection.ClearPool(connection);
    }

    /// <summary>What no line of any log may have.</summary>
    public void KeepOutOfLogs(params IEnumerable<string> personal)
    {
        foreach (var text in personal.Where(text => text.Length > 6))
        {
            _personal[text] = true;
        }
    }

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Has somebody else's transaction hold what <paramref name="sql"/> locks, until it is disposed.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string sql)
    {
        // the transaction ends with its connection
        var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until so many wait for what somebody else holds.</summary>
    public Task WaitingAsync(long count) => Eventually.GetAsync(
        async () => (long)(await SqlAsync(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))!,
        waiting => waiting >= count);

    /// <summary>Has time pass for all, Zoho's clock too.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await Zoho.Simulator.ControlAsync(HttpMethod.Post, "clock", new { advance_seconds = (int)time.TotalSeconds });
        Clock.Advance(time);
    }

    /// <summary>Ends what follows the CRM's people, as the end of its ticket does.</summary>
    public Task ReconnectAsync() => Inbox.CutAsync();

    /// <summary>A tenant that is connected to the CRM of a data centre.</summary>
    public async Task<MessagingTenant> TenantAsync(string dataCentre = "us", string[]? scopes = null)
    {
        var tenant = new MessagingTenant(this, new TenantId(Guid.NewGuid()));
        await Tokens.ConnectAsync(tenant.Id, dataCentre, scopes ?? Zoho.Scopes);
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
        var personal = SearchValues.Create([.. _personal.Keys], StringComparison.Ordinal);
        Assert.Empty(_logs.SelectMany(log => log.Lines).Where(line => line.AsSpan().ContainsAny(personal)));
    }
}

/// <summary>What apps and people of one tenant do.</summary>
internal sealed class MessagingTenant(MessagingWorld world, TenantId id)
{
    public TenantId Id => id;

    public Grpc.Core.Metadata As(Role role) => world.Host.TicketOf(id, role);

    /// <summary>A message from a person.</summary>
    public NewMessage From(string phone, string externalId, string text = "Where is my order?", DateTimeOffset? sentAt = null, string name = "Ada") => new()
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
        Text = "It is on its way",
        Status = status,
        SentAt = world.Clock.GetUtcNow().ToTimestamp(),
    };

    public async Task<IReadOnlyList<StoredMessage>> SubmitAsync(params IEnumerable<NewMessage> messages)
    {
        var request = new SubmitMessagesRequest { Messages = { messages } };
        world.KeepOutOfLogs(request.Messages.SelectMany(message => (string[])
            [message.Phone, string.Concat(message.Phone.Where(char.IsAsciiDigit)), message.Text, message.Name, message.UserId, message.Content]));
        return (await world.Host.Messages.SubmitMessagesAsync(request, As(Role.Operator))).Messages;
    }

    /// <summary>Stores one: what was said of it.</summary>
    public async Task<StoredMessage> StoreAsync(NewMessage message)
    {
        var stored = Assert.Single(await SubmitAsync(message));
        Assert.Equal((StoredMessage.Types.Outcome.Stored, ""), (stored.Outcome, stored.Message));
        return stored;
    }

    public async Task<Message> MessageAsync(string id) =>
        await world.Host.Messages.GetMessageAsync(new GetMessageRequest { Id = id }, As(Role.Viewer));

    public async Task<IReadOnlyList<Message>> MessagesAsync(SyncState state = SyncState.Unspecified) =>
        (await world.Host.Messages.ListMessagesAsync(
            new ListMessagesRequest { PageSize = 200, SyncState = state, OrderBy = "sent_at asc" }, As(Role.Viewer))).Messages;

    public async Task<Conversation> ConversationAsync(string id) =>
        await world.Host.Conversations.GetConversationAsync(new GetConversationRequest { Id = id }, As(Role.Viewer));

    /// <summary>One once it is in this state.</summary>
    public Task<Message> OnceAsync(string id, SyncState state) => Eventually.GetAsync(() => MessageAsync(id), message => message.SyncState == state);

    /// <summary>One once it waits and says why.</summary>
    public Task<Message> OnceWaitingAsync(string id, string code) =>
        Eventually.GetAsync(() => MessageAsync(id), message => message.SyncState is SyncState.Stored && message.Code == code);

    /// <summary>Waits until nothing waits to be synced, and says what came of each.</summary>
    /// <param name="passing">How much time passes between two looks.</param>
    public async Task SettledAsync(TimeSpan passing = default)
    {
        await Eventually.GetAsync(
            async () =>
            {
                world.Clock.Advance(passing);
                return (long)(await world.SqlAsync($"SELECT count(*) FROM delivery_queue WHERE tenant_id = '{id.Value}'"))!;
            },
            queued => queued == 0);
    }
}
