using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

/// <summary>What the platform relies on its Redis client for, against a real Redis that is stopped, killed, silent or will not write.</summary>
public sealed class RedisServerTests(RedisServerTests.OwnServers servers) : IClassFixture<RedisServerTests.OwnServers>, IAsyncLifetime
{
    // the client's timeouts are seconds of the real clock and it takes no other: a test only tells an end from none
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _key = $"redis-server-tests:{Guid.NewGuid():N}";
    private ConnectionMultiplexer _admin = null!;
    private ConnectionMultiplexer _connection = null!;
    private RedisServer _redis = null!;
    private int _pid;

    [Fact]
    public async Task A_redis_that_is_stopped_keeps_nobody_waiting_and_its_dead_connection_is_found()
    {
        Signals.Send("STOP", _pid);
        try
        {
            await Eventually.GetAsync(
                async () =>
                {
                    await Task.WhenAll(RefusedAsync(), RefusedAsync(), RefusedAsync());
                    return _connection.IsConnected;
                },
                connected => !connected);
        }
        finally
        {
            Signals.Send("CONT", _pid);
        }

        await BackAsync();
    }

    [Fact]
    public async Task A_redis_that_is_killed_is_refused_and_used_again_when_it_is_back_and_subscribers_hear_of_it_again()
    {
        var heard = new ConcurrentQueue<string>();
        await _redis.SubscribeWhenThereAsync(_key, heard.Enqueue, CancellationToken.None);
        await _redis.PublishAsync(_key, "before", CancellationToken.None);
        await Eventually.GetAsync(() => Task.FromResult(heard.Count), count => count == 1);

        Signals.Send("KILL", _pid);
        await RefusedOnceAsync();
        await BackAsync();

        await Eventually.GetAsync(
            async () =>
            {
                await _redis.PublishAsync(_key, "after", CancellationToken.None);
                return heard.Count;
            },
            count => count > 1);
        Assert.Equal("before", heard.First());
    }

    [Fact]
    public async Task What_subscribed_while_redis_was_away_hears_every_message_once()
    {
        var heard = new ConcurrentQueue<string>();
        Signals.Send("STOP", _pid);
        try
        {
            for (var i = 0; i < 3; i++)
            {
                await Assert.ThrowsAsync<RedisUnavailableException>(() => _redis.SubscribeAsync(_key, heard.Enqueue, CancellationToken.None));
            }
        }
        finally
        {
            Signals.Send("CONT", _pid);
        }

        await BackAsync();
        await _redis.SubscribeWhenThereAsync(_key, heard.Enqueue, CancellationToken.None);
        for (var i = 0; i < 10; i++)
        {
            await _redis.PublishAsync(_key, i.ToString(CultureInfo.InvariantCulture), CancellationToken.None);
        }

        await Eventually.GetAsync(() => Task.FromResult(heard.LastOrDefault()), last => last == "9");
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i.ToString(CultureInfo.InvariantCulture)), heard);
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_keeps_nobody_waiting()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var connection = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor(silent.LocalEndpoint.ToString()!));
        var redis = new RedisServer(connection, NullLogger<RedisServer>.Instance);

        for (var i = 0; i < 3; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefusedAsync(redis)));
        }
    }

    [Fact]
    public async Task A_redis_that_may_not_write_is_as_good_as_away()
    {
        var admin = _admin.GetDatabase();
        await admin.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        await RefusedOnceAsync();

        await admin.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await BackAsync();
    }

    [Fact]
    public async Task A_redis_that_is_full_is_as_good_as_away()
    {
        var admin = _admin.GetDatabase();
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        await RefusedAsync();

        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await BackAsync();
    }

    [Fact]
    public async Task A_redis_without_its_replicas_is_as_good_as_away_and_health_tells_so()
    {
        var admin = _admin.GetDatabase();
        await admin.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1");

        await RefusedAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(WriteByScriptAsync);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(servers.Redis));

        await admin.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await BackAsync();
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(servers.Redis));
    }

    [Theory]
    [InlineData("-@write")]
    [InlineData("-@write", "-@scripting")]
    [InlineData("resetkeys", "~elsewhere:*")]
    public async Task A_redis_that_permits_no_write_is_as_good_as_away_and_health_tells_so(params string[] rules)
    {
        await _admin.GetDatabase().ExecuteAsync("ACL", ["SETUSER", "limited", "reset", "on", ">fake", "allkeys", "allchannels", "+@all", .. rules]);
        var limited = $"{servers.Redis.Split(',')[0]},user=limited,password=fake";
        using var connection = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor(limited));
        var redis = new RedisServer(connection, NullLogger<RedisServer>.Instance);

        await RefusedAsync(redis);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => WriteByScriptAsync(redis));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(limited));
    }

    [Theory]
    [InlineData(RedisErrorKind.Loading)]
    [InlineData(RedisErrorKind.ClusterDown)]
    [InlineData(RedisErrorKind.MasterDown)]
    [InlineData(RedisErrorKind.TryAgain)]
    [InlineData(RedisErrorKind.Misconfigured)]
    [InlineData(RedisErrorKind.Busy)]
    [InlineData(RedisErrorKind.MaxClients)]
    [InlineData(RedisErrorKind.NoAuth)]
    [InlineData(RedisErrorKind.WrongPass)]
    [InlineData(RedisErrorKind.NotPermitted)]
    [InlineData(RedisErrorKind.Unknown)]
    public async Task Every_state_in_which_redis_refuses_is_as_good_as_away(RedisErrorKind kind) =>
        await Assert.ThrowsAsync<RedisUnavailableException>(() => _redis.AskAsync<bool>(
            _ => throw new RedisServerException(kind, CommandFlags.None, "refused"), CancellationToken.None));

    [Theory]
    [InlineData("return redis.call('HGET', KEYS[1], 'field')")]     // WRONGTYPE
    [InlineData("return redis.call('NOTHING', KEYS[1])")]
    [InlineData("return nothing.of(KEYS[1])")]
    [InlineData("return (")]
    public async Task An_error_of_our_own_is_no_outage(string script)
    {
        await _redis.AskAsync(database => database.StringSetAsync(_key, "x"), CancellationToken.None);

        await Assert.ThrowsAsync<RedisServerException>(
            () => _redis.AskAsync(database => database.ScriptEvaluateAsync(script, [_key]), CancellationToken.None));
    }

    [Fact]
    public void The_limits_are_the_platforms_own_whatever_the_connection_string_says()
    {
        var options = RedisHosting.OptionsFor(
            "localhost,connectTimeout=60000,asyncTimeout=60000,syncTimeout=60000,keepAlive=600,abortConnect=true");

        Assert.Equal((2000, 1500, 1500), (options.ConnectTimeout, options.AsyncTimeout, options.SyncTimeout));
        Assert.Equal((5, TimeSpan.FromMilliseconds(500)), (options.KeepAlive, options.HeartbeatInterval));
        Assert.False(options.AbortOnConnectFail);
        Assert.Same(BacklogPolicy.FailFast, options.BacklogPolicy);
        // after a long outage as after a short one
        Assert.All([0L, 10, 10_000], tries => Assert.True(options.ReconnectRetryPolicy.ShouldRetry(tries, 1001)));
        Assert.False(options.ReconnectRetryPolicy.ShouldRetry(1, 500));
    }

    [Fact]
    public async Task A_redis_that_forgot_a_script_is_told_it_again()
    {
        await WriteByScriptAsync();

        await _admin.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(2, (int)await WriteByScriptAsync());
    }

    [Fact]
    public async Task It_is_connected_before_the_hosts_ports_open()
    {
        var name = $"first-{Guid.NewGuid():N}";
        var opening = new Opening(async () =>
            (await _admin.GetServers()[0].ClientListAsync()).Any(client => client.Name == name));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", $"{servers.Redis},name={name}")]);
        builder.Services.AddHostedService(_ => opening);
        builder.AddRedisServer();
        using var host = builder.Build();

        await host.StartAsync().WaitAsync(Limit);

        Assert.True(opening.WasConnected);
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task A_redis_that_is_away_does_not_stop_the_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", "127.0.0.1:1")]);
        builder.AddRedisServer();
        using var host = builder.Build();

        await host.StartAsync().WaitAsync(Limit);

        await RefusedAsync(host.Services.GetRequiredService<RedisServer>());
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task A_callers_own_end_ends_the_wait()
    {
        using var end = new CancellationTokenSource();
        var asked = _redis.AskAsync(_ => new TaskCompletionSource<bool>().Task, end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked.WaitAsync(Limit));
    }

    public async Task InitializeAsync()
    {
        _admin = await ConnectionMultiplexer.ConnectAsync($"{servers.Redis},allowAdmin=true,abortConnect=false");
        _connection = await ConnectionMultiplexer.ConnectAsync(RedisHosting.OptionsFor(servers.Redis));
        _redis = new RedisServer(_connection, NullLogger<RedisServer>.Instance);
        await WriteAsync(_redis, CancellationToken.None);
        var server = (await _admin.GetServers()[0].InfoAsync("server"))[0];
        _pid = int.Parse(server.Single(line => line.Key == "process_id").Value, CultureInfo.InvariantCulture);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _admin.DisposeAsync();
    }

    private static async Task RefusedAsync(RedisServer redis) =>
        await Assert.ThrowsAsync<RedisUnavailableException>(() => WriteAsync(redis, CancellationToken.None).WaitAsync(Limit));

    private static async Task<bool> WriteAsync(RedisServer redis, CancellationToken cancellationToken) =>
        await redis.AskAsync(database => database.StringSetAsync("redis-server-tests", "x"), cancellationToken);

    private static async Task<HealthStatus> HealthAsync(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", connectionString)]);
        builder.AddRedisServer();
        using var host = builder.Build();
        return (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync().WaitAsync(Limit)).Status;
    }

    /// <summary>Starts before the others, as a server's ports open: who is connected then?</summary>
    private sealed class Opening(Func<Task<bool>> isConnected) : IHostedService
    {
        public bool WasConnected { get; private set; }

        public async Task StartAsync(CancellationToken cancellationToken) => WasConnected = await isConnected();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private Task<RedisResult> WriteByScriptAsync() => WriteByScriptAsync(_redis);

    private Task<RedisResult> WriteByScriptAsync(RedisServer redis) => redis.AskAsync(
        database => database.ScriptEvaluateAsync("return redis.call('INCR', KEYS[1])", [_key]), CancellationToken.None);

    private Task RefusedAsync() => RefusedAsync(_redis);

    /// <summary>Asks until it is refused, as what was sent to it becomes known to it and to the client in its own time.</summary>
    private async Task RefusedOnceAsync() => await Eventually.GetAsync(AnswersAsync, answers => !answers);

    private async Task BackAsync() => await Eventually.GetAsync(AnswersAsync, answers => answers);

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await WriteAsync(_redis, CancellationToken.None).WaitAsync(Limit);
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }

    /// <summary>For all tests of the class, as each leaves them as they were.</summary>
    public sealed class OwnServers : IAsyncLifetime
    {
        private TestServers _servers = null!;

        public string Redis => _servers.Redis;

        public async Task InitializeAsync() => _servers = await TestServers.StartAsync();

        public async Task DisposeAsync() => await _servers.DisposeAsync();
    }
}
