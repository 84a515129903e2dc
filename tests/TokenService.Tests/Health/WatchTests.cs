using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Health;

public sealed class WatchTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync(TimeProvider.System);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task All_connections_come_first_and_then_each_change_whichever_replica_made_it()
    {
        var other = await _world.StartHostAsync();
        var first = await _world.ConnectAsync();
        using var stream = new Stream(_world.Host, _world.Viewer);

        Assert.Equal(first.Id, Assert.Single((await stream.NextAsync()).Changed).ConnectionId);

        // a new one, made by another replica
        var second = await other.Connections.CreateConnectionAsync(
            new()
            {
                Provider = "zoho",
                Features = { "campaigns" },
                Owner = "second",
                RefreshToken = TokenWorld.RefreshToken,
            },
            _world.Admin);
        await stream.UntilAsync(change => change.Changed.Any(health => health.ConnectionId == second.Id));

        // another state
        await _world.SqlAsync($"UPDATE connections SET state = {(int)ConnectionState.Revoked} WHERE id = '{first.Id}'");
        await stream.UntilAsync(change => change.Changed.Any(
            health => health.ConnectionId == first.Id && health.State is ConnectionState.Revoked));

        await other.Connections.DeleteConnectionAsync(new() { Id = second.Id, EvenIfInUse = true }, _world.Admin);
        await stream.UntilAsync(change => change.RemovedConnectionIds.Contains(second.Id));
    }

    [Fact]
    public async Task A_tenant_hears_of_its_own_connections_only()
    {
        using var theirs = new Stream(_world.Host, _world.Host.TicketOf(_world.OtherTenant, Role.Viewer));
        var nothing = await theirs.NextAsync();
        Assert.Empty(nothing.Changed);
        using var ours = new Stream(_world.Host, _world.Viewer);
        await ours.NextAsync();
        var more = theirs.NextAsync();

        var connection = await _world.ConnectAsync();

        await ours.UntilAsync(change => change.Changed.Any(health => health.ConnectionId == connection.Id));
        Assert.False(more.IsCompleted);
    }

    [Fact]
    public async Task What_happened_while_the_line_to_the_database_was_down_is_told_when_it_is_up()
    {
        var connection = await _world.ConnectAsync();
        using var stream = new Stream(_world.Host, _world.Viewer);
        await stream.NextAsync();

        // no trigger fires, as if the signal were lost; a cut line is a reason to look
        await _world.SqlAsync(
            $"SET session_replication_role = replica; UPDATE connections SET state = {(int)ConnectionState.Revoked} WHERE id = '{connection.Id}'");
        await _world.SqlAsync(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' "
                + "AND datname = current_database() AND pid <> pg_backend_pid()");

        await stream.UntilAsync(change => change.Changed.Any(health => health.State is ConnectionState.Revoked));
    }

    [Fact]
    public async Task A_database_that_goes_away_under_a_stream_makes_it_unavailable()
    {
        await _world.ConnectAsync();
        using var stream = new Stream(_world.Host, _world.Viewer);
        await stream.NextAsync();

        // who is connected stays: only on such a line can it be said that there is something to look at
        var own = new NpgsqlConnectionStringBuilder(_world.Configuration["ConnectionStrings:tokens"]) { Pooling = false };
        await using var inside = new NpgsqlConnection(own.ConnectionString);
        await inside.OpenAsync();
        var elsewhere = new NpgsqlConnectionStringBuilder(own.ConnectionString) { Database = "postgres" };
        await using var server = new NpgsqlConnection(elsewhere.ConnectionString);
        await server.OpenAsync();
        await RunAsync(server, $"ALTER DATABASE {own.Database} ALLOW_CONNECTIONS false");
        await RunAsync(
            inside,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
                + "AND query NOT LIKE 'LISTEN %' AND pid <> pg_backend_pid()");
        await RunAsync(inside, $"NOTIFY connection_health, '{_world.Tenant}'");

        var refused = await TokenWorld.RefusedAsync("storage_unavailable", stream.EndAsync);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        using var export = _world.Host.Audit.ExportEntries(new(), _world.Admin);
        await TokenWorld.RefusedAsync("storage_unavailable", () => export.ResponseStream.MoveNext(default).WaitAsync(Eventually.Limit));

        await RunAsync(server, $"ALTER DATABASE {own.Database} ALLOW_CONNECTIONS true");
        using var again = new Stream(_world.Host, _world.Viewer);
        await again.NextAsync();
    }

    [Fact]
    public async Task A_stream_ends_with_the_ticket_that_opened_it()
    {
        await using var world = await TokenWorld.StartAsync();
        using var stream = new Stream(world.Host, world.Viewer);
        await stream.NextAsync();

        var end = stream.EndAsync();
        world.Clock.Advance(Tickets.Life);

        await end;
    }

    [Fact]
    public async Task One_tenant_cannot_take_all_streams()
    {
        var streams = Enumerable.Range(0, 200).Select(_ => new Stream(_world.Host, _world.Viewer)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.NextAsync()));

        using (var oneMore = new Stream(_world.Host, _world.Viewer))
        {
            await TokenWorld.RefusedAsync("too_many_streams", oneMore.NextAsync);
        }

        using (var theirs = new Stream(_world.Host, _world.Host.TicketOf(_world.OtherTenant, Role.Viewer)))
        {
            await theirs.NextAsync();
        }

        streams.ForEach(stream => stream.Dispose());
        await Eventually.GetAsync(
            async () =>
            {
                using var again = new Stream(_world.Host, _world.Viewer);
                try
                {
                    await again.NextAsync();
                    return StatusCode.OK;
                }
                catch (RpcException e)
                {
                    return e.StatusCode;
                }
            },
            status => status is StatusCode.OK);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Stream(TokenHost host, Metadata ticket) : IDisposable
    {
        private readonly AsyncServerStreamingCall<HealthChange> _call = host.Health.WatchHealth(new(), ticket);

        public async Task<HealthChange> NextAsync()
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            Assert.True(await _call.ResponseStream.MoveNext(limit.Token));
            return _call.ResponseStream.Current;
        }

        public async Task UntilAsync(Func<HealthChange, bool> holds)
        {
            while (!holds(await NextAsync()))
            {
                // other changes may come first
            }
        }

        public async Task EndAsync()
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            while (await _call.ResponseStream.MoveNext(limit.Token))
            {
                // what is said before the end
            }
        }

        public void Dispose() => _call.Dispose();
    }
}
