using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Tests.Secrets;

public sealed class RotationTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Thousands_of_connections_get_the_new_key_while_tokens_are_handed_out()
    {
        var ids = await ConnectionsAsync(3_000);
        var other = await _world.StartHostAsync();
        var before = await StatusAsync();
        // the client secret, and two tokens of each connection
        Assert.Equal((6_001, 0), (before.SealedValues, before.OnOlderKeys));

        var rotation = await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway);
        var started = rotation.Status;
        Assert.Equal(before.DataKeyId, rotation.PreviousDataKeyId);
        Assert.NotEqual(before.DataKeyId, started.DataKeyId);
        Assert.Equal((6_001, 6_001), (started.SealedValues, started.OnOlderKeys));
        Assert.Equal(new DataKey { Id = before.DataKeyId, SealedValues = 6_001 }, Assert.Single(started.Keys));
        await TokenWorld.RefusedAsync("rotation_running", async () => await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway));

        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            var handedOut = 0;
            for (var i = caller; !stop.IsCancellationRequested; i += 7)
            {
                await _world.TokenAsync(ids[i % ids.Count], i % 2 == 0 ? _world.Host : other);
                handedOut++;
            }

            return handedOut;
        })).ToList();
        await AdvanceUntilAsync(status => status.OnOlderKeys == 0);
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(callers), handedOut => Assert.True(handedOut > 0));
        var after = await StatusAsync();
        Assert.Equal(started.DataKeyId, after.DataKeyId);
        Assert.Equal(new DataKey { Id = started.DataKeyId, SealedValues = 6_001 }, Assert.Single(after.Keys));
        await AssertAllOpenAsync(ids.Count);
        Assert.Single(_world.Zoho.Refreshes);
    }

    [Fact]
    public async Task A_rotation_that_was_interrupted_goes_on_at_the_next_start()
    {
        var ids = await ConnectionsAsync(500);
        await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway);
        await using var elsewhere = new NpgsqlConnection(_world.Configuration["ConnectionStrings:tokens"]);
        await elsewhere.OpenAsync();
        await using (var transaction = await elsewhere.BeginTransactionAsync())
        {
            // what someone else works on is passed over
            await using var command = new NpgsqlCommand(
                $"SELECT 1 FROM connections WHERE id = '{ids[7]}' FOR UPDATE", elsewhere, transaction);
            await command.ExecuteNonQueryAsync();
            await AdvanceUntilAsync(status => status.OnOlderKeys == 2);
            await _world.StopHostsAsync();
        }

        await _world.StartHostAsync();
        Assert.Equal(2, (await StatusAsync()).OnOlderKeys);
        await AdvanceUntilAsync(status => status.OnOlderKeys == 0);

        await AssertAllOpenAsync(ids.Count);
        await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway);
        await AdvanceUntilAsync(status => status.OnOlderKeys == 0);
        await AssertAllOpenAsync(ids.Count);
    }

    [Fact]
    public async Task Another_replica_tells_at_once_what_is_left_of_a_rotation_that_has_just_begun()
    {
        await _world.ConnectAsync();
        var other = await _world.StartHostAsync();
        var started = (await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway)).Status;

        var told = await other.Keys.GetStatusAsync(new(), _world.Gateway);

        Assert.NotEqual(0, told.OnOlderKeys);
        Assert.Equal((started.DataKeyId, started.OnOlderKeys), (told.DataKeyId, told.OnOlderKeys));
    }

    [Fact]
    public async Task Another_replica_opens_at_once_what_the_new_key_sealed()
    {
        var other = await _world.StartHostAsync();
        await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway);
        var connection = await _world.ConnectAsync();

        await _world.TokenAsync(connection.Id, other);

        Assert.Single(_world.Zoho.Refreshes);
        Assert.Equal(
            (await StatusAsync()).DataKeyId, (await other.Keys.GetStatusAsync(new(), _world.Gateway)).DataKeyId);
    }

    [Fact]
    public async Task A_value_that_does_not_open_is_left_counted_and_named_and_stops_nothing()
    {
        var ids = await ConnectionsAsync(3);
        await _world.SqlAsync(
            $"UPDATE connections SET refresh_token_sealed = substring(refresh_token_sealed FROM 1 FOR 60) WHERE id = '{ids[0]}'");
        await _world.Host.Keys.StartRotationAsync(new(), _world.Gateway);

        await AdvanceUntilAsync(status => status.OnOlderKeys == 1);

        Assert.Contains(_world.LogLines, line => line.Contains($"connections {ids[0]} refresh", StringComparison.Ordinal));
        await _world.TokenAsync(ids[1]);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Admin)]
    public async Task Only_a_service_of_the_platform_reaches_the_ring(Role role)
    {
        var ticket = _world.Host.TicketOf(_world.Tenant, role);

        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Keys.GetStatusAsync(new(), ticket));
        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Keys.StartRotationAsync(new(), ticket));
    }

    private async Task<IReadOnlyList<string>> ConnectionsAsync(int count)
    {
        var first = await _world.ConnectAsync();
        var seals = _world.Host.Services.GetRequiredService<Seals>();
        await using var context = _world.Host.Services.GetRequiredService<TenantDb<TokensDbContext>>().For(_world.Tenant);
        var model = await context.Connections.AsNoTracking().SingleAsync();
        for (var i = 1; i < count; i++)
        {
            context.Connections.Add(Copy(model, seals, i));
        }

        await context.SaveChangesAsync();
        return [first.Id, .. context.Connections.Local.Select(row => row.Id.ToString())];
    }

    private static ConnectionRow Copy(ConnectionRow model, Seals seals, int number)
    {
        var row = new ConnectionRow
        {
            TenantId = model.TenantId,
            Id = Guid.CreateVersion7(model.CreatedAt),
            Provider = model.Provider,
            Owner = $"owner-{number}",
            DataCentre = model.DataCentre,
            ApiDomain = model.ApiDomain,
            ClientId = model.ClientId,
            Features = model.Features,
            GrantedScopes = model.GrantedScopes,
            State = model.State,
            RefreshTokenSealed = [],
            GrantSha256 = model.GrantSha256,
            AccessTokenSha256 = model.AccessTokenSha256,
            AccessTokenExpiresAt = model.AccessTokenExpiresAt,
            Version = model.Version,
            CreatedAt = model.CreatedAt,
        };
        var accessToken = seals.Open(model.Place(ConnectionRow.AccessTokenField), model.AccessTokenSealed!);
        row.RefreshTokenSealed = seals.Seal(row.Place(ConnectionRow.RefreshTokenField), TokenWorld.RefreshToken);
        row.AccessTokenSealed = seals.Seal(row.Place(ConnectionRow.AccessTokenField), accessToken);
        return row;
    }

    private async Task AssertAllOpenAsync(int count)
    {
        var seals = _world.Host.Services.GetRequiredService<Seals>();
        await using var context = _world.Host.Services.GetRequiredService<TenantDb<TokensDbContext>>().For(_world.Tenant);
        var rows = await context.Connections.AsNoTracking().ToListAsync();
        Assert.Equal(count, rows.Count);
        Assert.All(rows, row =>
        {
            Assert.Equal(TokenWorld.RefreshToken, seals.Open(row.Place(ConnectionRow.RefreshTokenField), row.RefreshTokenSealed));
            Assert.Equal(
                row.AccessTokenSha256, TokenWorld.Sha256(seals.Open(row.Place(ConnectionRow.AccessTokenField), row.AccessTokenSealed!)));
        });
    }

    private async Task<KeyRingStatus> StatusAsync() => await _world.Host.Keys.GetStatusAsync(new(), _world.Gateway);

    private async Task AdvanceUntilAsync(Func<KeyRingStatus, bool> reached)
    {
        var started = Stopwatch.GetTimestamp();
        KeyRingStatus status;
        for (var look = 0; !reached(status = await StatusAsync()); look++)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Limit, status.ToString());
            // the worker looks every thirty seconds of this clock and works in real time; what else waits by the clock must not be hurried
            if (look % 10 == 0)
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
            }

            await Task.Delay(100);
        }
    }
}
