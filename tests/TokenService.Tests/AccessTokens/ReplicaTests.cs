using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

/// <summary>Several replicas, with Redis, without it, and with one that goes away.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.PrepareAsync(TimeProvider.System);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_replicas_with_fifty_callers_each_refresh_once(bool redis)
    {
        if (!redis)
        {
            _world.Configuration["ConnectionStrings:redis"] = "127.0.0.1:1,connectTimeout=200";
        }

        var (hosts, connection) = await WithExpiredTokenAsync(3);
        var answer = new TaskCompletionSource();
        _world.Zoho.Gate = answer.Task;

        var callers = hosts.SelectMany(host => Enumerable.Range(0, 50).Select(_ => _world.TokenAsync(connection, host))).ToArray();
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), count => count == 2);
        answer.SetResult();
        var tokens = await Task.WhenAll(callers);

        Assert.Single(tokens.Select(token => token.AccessToken).Distinct());
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_redis_that_goes_away_in_the_middle_costs_no_second_refresh()
    {
        var redis = _world.Configuration["ConnectionStrings:redis"]!;
        await using var line = new Line(redis.Split(',')[0]);
        _world.Configuration["ConnectionStrings:redis"] = redis.Replace(redis.Split(',')[0], line.Address, StringComparison.Ordinal);
        var (hosts, connection) = await WithExpiredTokenAsync(2);
        var answer = new TaskCompletionSource();
        _world.Zoho.Gate = answer.Task;

        var first = _world.TokenAsync(connection, hosts[0]);
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), count => count == 2);
        line.Cut();
        var second = _world.TokenAsync(connection, hosts[1]);
        answer.SetResult();

        Assert.Equal((await first).AccessToken, (await second).AccessToken);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task Without_postgres_a_token_in_memory_is_handed_out_and_anything_else_is_unavailable()
    {
        var database = new NpgsqlConnectionStringBuilder(_world.Configuration["ConnectionStrings:tokens"]);
        await using var line = new Line($"{database.Host}:{database.Port}");
        (database.Host, database.Port) = (line.Address.Split(':')[0], int.Parse(line.Address.Split(':')[1], CultureInfo.InvariantCulture));
        _world.Configuration["ConnectionStrings:tokens"] = database.ConnectionString;
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = (await _world.ConnectAsync()).Id;
        var token = await _world.TokenAsync(connection);

        line.Cut();

        Assert.Equal(token.AccessToken, (await _world.TokenAsync(connection)).AccessToken);
        var refused = await TokenWorld.RefusedAsync("storage_unavailable", () => _world.TokenAsync(Guid.CreateVersion7().ToString()));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);

        line.Mend();
        await _world.StopHostsAsync();
        Assert.Equal(2L, await _world.CountHandOutsAsync());
    }

    [Fact]
    public async Task A_token_in_redis_that_does_not_open_is_not_used()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = (await _world.ConnectAsync()).Id;
        var token = await _world.TokenAsync(connection);
        var redis = _world.Host.Services.GetRequiredService<RedisServer>();
        await redis.AskAsync(
            database => database.HashSetAsync($"tokens:{{{_world.Tenant}:{connection}}}:access", "token", "made up"),
            CancellationToken.None);

        Assert.Equal(token.AccessToken, (await _world.TokenAsync(connection, await _world.StartHostAsync())).AccessToken);

        Assert.Single(_world.Zoho.Refreshes);
    }

    [Fact]
    public async Task A_replica_that_died_while_it_refreshed_is_waited_for_and_then_told_of()
    {
        var (hosts, connection) = await WithExpiredTokenAsync(1);
        await _world.SqlAsync("UPDATE connections SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 minute'");

        var refused = await TokenWorld.RefusedAsync("refresh_in_progress", () => _world.TokenAsync(connection, hosts[0]));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Single(_world.Zoho.Refreshes);
        await _world.SqlAsync("UPDATE connections SET lease_until = now()");
        await _world.TokenAsync(connection, hosts[0]);
    }

    [Fact]
    public async Task What_one_replica_deletes_the_others_do_not_hand_out_any_more()
    {
        _world.Zoho.ExpiresIn = 3600;
        await _world.StartHostAsync();
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = (await _world.ConnectAsync()).Id;
        var other = await _world.StartHostAsync();
        await _world.TokenAsync(connection, other);

        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = connection, EvenIfInUse = true }, _world.Admin);

        await Eventually.GetAsync(
            async () =>
            {
                try
                {
                    await _world.TokenAsync(connection, other);
                    return StatusCode.OK;
                }
                catch (RpcException e)
                {
                    return e.StatusCode;
                }
            },
            status => status is StatusCode.NotFound);
    }

    [Fact]
    public async Task A_grant_that_is_replaced_during_its_refresh_is_not_overwritten()
    {
        var (hosts, connection) = await WithExpiredTokenAsync(1);
        var answer = new TaskCompletionSource();
        _world.Zoho.Gate = answer.Task;
        var asking = _world.TokenAsync(connection, hosts[0]);
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), count => count == 2);

        _world.Zoho.Gate = Task.CompletedTask;
        var replaced = await _world.ConnectAsync(refreshToken: "1000.fake.grant.b");
        var ofNewGrant = await _world.SqlAsync($"SELECT access_token_sha256 FROM connections WHERE id = '{connection}'");
        answer.SetResult();
        var token = await asking;

        Assert.Equal(connection, replaced.Id);
        Assert.Equal(ofNewGrant, TokenWorld.Sha256(token.AccessToken));
        Assert.Equal(ofNewGrant, await _world.SqlAsync($"SELECT access_token_sha256 FROM connections WHERE id = '{connection}'"));
        Assert.Equal(token.AccessToken, (await _world.TokenAsync(connection, hosts[0])).AccessToken);
    }

    /// <summary>Replicas and a connection whose token has less life than any caller asks for; the next one has an hour.</summary>
    private async Task<(IReadOnlyList<TokenHost> Hosts, string Connection)> WithExpiredTokenAsync(int replicas)
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, replicas).Select(_ => _world.StartHostAsync()));
        await _world.SetClientAsync();
        _world.Zoho.ExpiresIn = 1;
        var connection = await _world.ConnectAsync();
        _world.Zoho.ExpiresIn = 3600;
        return (hosts, connection.Id);
    }
}
