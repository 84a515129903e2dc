using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>One test's world: a database of its own, the token service played, and replicas of the service that come and go.</summary>
internal sealed class CrmWorld : IAsyncDisposable
{
    private readonly List<CrmHost> _replicas = [];
    private readonly TimeProvider _time;

    private CrmWorld(Crm crm, TimeProvider? time, Uri? notifications) => (Crm, _time, Notifications) = (crm, time ?? Clock, notifications);

    public Crm Crm { get; }

    /// <summary>The gateway's public address, as replicas know it that start from now on.</summary>
    public Uri? Notifications { get; set; }

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public PlayedTokens Tokens { get; private set; } = null!;

    public PlayedWebhooks Webhooks { get; private set; } = null!;

    public string Database { get; private set; } = "";

    /// <summary>The first replica.</summary>
    public CrmHost Host => _replicas[0];

    public static async Task<CrmWorld> StartAsync(Crm crm, TimeProvider? time = null, Uri? notifications = null, int replicas = 1)
    {
        await crm.ResetAsync();
        var world = new CrmWorld(crm, time, notifications);
        world.Tokens = await PlayedTokens.StartAsync(crm.Simulator, world._time);
        world.Webhooks = await PlayedWebhooks.StartAsync(world._time);
        world.Database = await new CrmDatabase().RentAsync();
        foreach (var _ in Enumerable.Range(0, replicas))
        {
            await world.AddReplicaAsync();
        }

        return world;
    }

    public async Task<CrmHost> AddReplicaAsync()
    {
        var replica = await CrmHost.StartAsync(Database, Tokens.Url, Webhooks.Url, Crm.Simulator, _time, Notifications);
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>Stops a replica in the middle of whatever it does, and puts another one in its place.</summary>
    public async Task ReplaceOneAsync()
    {
        var stopped = _replicas[0];
        _replicas.RemoveAt(0);
        await stopped.DisposeAsync();
        await AddReplicaAsync();
    }

    /// <summary>Takes all connections away in the middle of whatever is done.</summary>
    public Task<object?> CutAsync() => SqlAsync(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

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
        await Crm.Simulator.ControlAsync(HttpMethod.Post, "clock", new { advance_seconds = (int)time.TotalSeconds });
        Clock.Advance(time);
    }

    /// <summary>A tenant that is connected to the CRM of a data centre.</summary>
    public async Task<CrmTenant> TenantAsync(string dataCentre = "us", string[]? scopes = null)
    {
        var tenant = new CrmTenant(this, new TenantId(Guid.NewGuid()), dataCentre);
        await Tokens.ConnectAsync(tenant.Id, dataCentre, scopes ?? Crm.Scopes);
        return tenant;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await Tokens.DisposeAsync();
        await Webhooks.DisposeAsync();
        await new CrmDatabase().GiveBackAsync(Database);
    }
}

/// <summary>What services and people of one tenant do.</summary>
internal sealed class CrmTenant(CrmWorld world, TenantId id, string dataCentre)
{
    public TenantId Id => id;

    public string ConnectionId => PlayedTokens.ConnectionId(dataCentre);

    /// <summary>Has a module followed for a service.</summary>
    public async Task<Subscription> SubscribeAsync(
        string module, IReadOnlyList<string> fields, DateTimeOffset? from = null, string service = "campaigns") =>
        await world.Host.Inbox.SubscribeAsync(
            new SubscribeRequest
            {
                ConnectionId = ConnectionId,
                Module = module,
                Fields = { fields },
                From = from is { } moment ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(moment) : null,
            },
            TestTickets.OwnOf(service, id, "crm", world.Clock));

    public Told Follow(Subscription subscription, string service = "campaigns") =>
        new(world.Host, subscription, () => TestTickets.OwnOf(service, id, "crm", world.Clock));

    public async Task UnsubscribeAsync(Subscription subscription, string service = "campaigns") =>
        await world.Host.Inbox.UnsubscribeAsync(
            new UnsubscribeRequest { SubscriptionId = subscription.Id }, TestTickets.OwnOf(service, id, "crm", world.Clock));

    /// <summary>Has the minutes pass after which a feed is looked at by itself, and waits until it was.</summary>
    public async Task PolledAsync(string feedId)
    {
        var before = (await FeedAsync(feedId)).UpdatedAt;
        await world.PassAsync(TimeSpan.FromMinutes(5));
        await UpdatedAsync(feedId, before);
    }

    public async Task<Feed> FeedAsync(string feedId) =>
        await world.Host.Feeds.GetFeedAsync(new GetFeedRequest { Id = feedId }, world.Host.TicketOf(id, Role.Viewer));

    /// <summary>The feed once it rests, up to date with a moment behind its last run.</summary>
    public Task<Feed> RestedAsync(string feedId) => Eventually.GetAsync(
        () => FeedAsync(feedId), feed => feed is { Progress: null, KnownUntil: not null });

    public async Task<IReadOnlyList<FeedRun>> RunsAsync(string feedId) =>
        (await world.Host.Feeds.ListFeedRunsAsync(new ListFeedRunsRequest { Id = feedId }, world.Host.TicketOf(id, Role.Viewer))).Runs;

    /// <summary>Has it looked at, and waits until it was.</summary>
    public async Task<Feed> RefreshAsync(string feedId, FeedRunKind kind = FeedRunKind.Changes)
    {
        // runs are told apart by when they ended, and none is under way that could end with this moment
        await RestedAsync(feedId);
        world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var asked = await world.Host.Feeds.RefreshFeedAsync(new RefreshFeedRequest { Id = feedId, Kind = kind }, world.Host.TicketOf(id, Role.Operator));
        return await UpdatedAsync(feedId, asked.UpdatedAt);
    }

    private Task<Feed> UpdatedAsync(string feedId, Google.Protobuf.WellKnownTypes.Timestamp? before) => Eventually.GetAsync(
        () => FeedAsync(feedId), feed => feed.Progress is null && feed.UpdatedAt is { } at && (before is null || at.CompareTo(before) > 0));
}
