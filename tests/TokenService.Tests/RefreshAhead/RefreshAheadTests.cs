using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.RefreshAhead;

/// <summary>Tokens live for an hour here, and are due to be replaced between their 50th and their 53rd minute.</summary>
public sealed class RefreshAheadTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_used_token_is_replaced_once_over_three_replicas_before_any_caller_waits()
    {
        IReadOnlyList<TokenHost> hosts = [_world.Host, await _world.StartHostAsync(), await _world.StartHostAsync()];
        var connection = await _world.ConnectAsync();
        using var sources = new HandOutSources(hosts);
        foreach (var host in hosts)
        {
            await _world.TokenAsync(connection.Id, host);
        }

        var first = await _world.TokenAsync(connection.Id);
        // the first look reads it from the database
        sources.Forget();
        await QueuedAsync(1);
        _world.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Single(_world.Zoho.Refreshes);

        _world.Clock.Advance(TimeSpan.FromMinutes(9));
        await RefreshedAsync(2);
        await QueuedAsync(0);
        _world.Clock.Advance(TimeSpan.FromMinutes(8));

        foreach (var host in hosts)
        {
            Assert.NotEqual(first.AccessToken, (await _world.TokenAsync(connection.Id, host)).AccessToken);
        }

        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        Assert.DoesNotContain("refresh", sources.Seen);
        Assert.NotEmpty(sources.Seen);
    }

    [Fact]
    public async Task A_connection_that_nobody_uses_is_left_alone()
    {
        var used = await _world.ConnectAsync("used", "1000.fake.grant.a");
        await _world.ConnectAsync("unused", "1000.fake.grant.b");
        await _world.TokenAsync(used.Id);
        await QueuedAsync(1);

        _world.Clock.Advance(TimeSpan.FromMinutes(54));
        await RefreshedAsync(3);
        await QueuedAsync(0);
        // the new token was handed out to nobody, so it is the last one
        _world.Clock.Advance(TimeSpan.FromMinutes(54));
        await _world.ConnectAsync("later", "1000.fake.grant.c");

        Assert.Equal(
            ["1000.fake.grant.a", "1000.fake.grant.b", "1000.fake.grant.a", "1000.fake.grant.c"],
            _world.Zoho.Refreshes.Select(refresh => refresh.Form["refresh_token"]));
    }

    [Fact]
    public async Task A_token_that_is_used_in_its_turn_is_replaced_in_its_turn()
    {
        var connection = await _world.ConnectAsync();
        for (var refreshes = 2; refreshes <= 4; refreshes++)
        {
            await _world.TokenAsync(connection.Id);
            await QueuedAsync(1);
            _world.Clock.Advance(TimeSpan.FromMinutes(54));
            await RefreshedAsync(refreshes);
            await QueuedAsync(0);
        }
    }

    [Fact]
    public async Task With_the_provider_down_the_old_token_is_handed_out_and_the_replacement_tried_again()
    {
        var connection = await _world.ConnectAsync();
        var first = await _world.TokenAsync(connection.Id);
        await QueuedAsync(1);
        _world.Zoho.Refuses("<html>", HttpStatusCode.BadGateway);
        _world.Clock.Advance(TimeSpan.FromMinutes(53) + TimeSpan.FromSeconds(10));
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), refreshes => refreshes > 1);

        Assert.Equal(first.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);

        _world.Zoho.Instead = _ => null;
        _world.Clock.Advance(TimeSpan.FromMinutes(3) + TimeSpan.FromSeconds(10));
        // the worker may have begun to wait only then
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromMilliseconds(500));
                return _world.SqlAsync("SELECT count(*) FROM refresh_queue");
            },
            queued => queued is 0L);
        var sent = _world.Zoho.Refreshes.Count;
        Assert.NotEqual(first.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);
        Assert.Equal(sent, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_token_that_ended_meanwhile_is_left_to_the_next_caller()
    {
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);
        await QueuedAsync(1);

        _world.ExpireTokens();
        await QueuedAsync(0);

        Assert.Single(_world.Zoho.Refreshes);
        await _world.TokenAsync(connection.Id);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_token_of_a_few_minutes_is_not_replaced_again_and_again()
    {
        _world.Zoho.ExpiresIn = 600;
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);

        _world.Clock.Advance(TimeSpan.FromMinutes(8));
        await _world.TokenAsync(connection.Id);

        Assert.Single(_world.Zoho.Refreshes);
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM refresh_queue"));
    }

    [Fact]
    public async Task A_connection_that_is_gone_leaves_the_queue()
    {
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);
        await QueuedAsync(1);
        await _world.Host.Connections.DeleteConnectionAsync(new DeleteConnectionRequest { Id = connection.Id, EvenIfInUse = true }, _world.Admin);

        _world.Clock.Advance(TimeSpan.FromMinutes(54));
        await QueuedAsync(0);

        Assert.Single(_world.Zoho.Refreshes);
    }

    /// <summary>Uses are written every fifteen seconds of the service's clock.</summary>
    private async Task QueuedAsync(long count)
    {
        var looks = 0;
        await Eventually.GetAsync(
            async () =>
            {
                if (looks++ % 100 == 0)
                {
                    _world.Clock.Advance(TimeSpan.FromSeconds(15));
                }

                return (long)(await _world.SqlAsync("SELECT count(*) FROM refresh_queue"))!;
            },
            queued => queued == count);
    }

    private async Task RefreshedAsync(int count) =>
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), refreshes => refreshes == count);

    private sealed class HandOutSources : IDisposable
    {
        private readonly ConcurrentQueue<string> _seen = new();
        private readonly MeterListener _listener = new();

        public HandOutSources(IReadOnlyList<TokenHost> hosts)
        {
            var scopes = hosts.Select(host => host.Services.GetRequiredService<IMeterFactory>()).ToHashSet();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "tokens.hand_outs" && scopes.Contains(instrument.Meter.Scope))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _seen.Enqueue((string)tags[0].Value!));
            _listener.Start();
        }

        public IReadOnlyCollection<string> Seen => _seen;

        public void Forget() => _seen.Clear();

        public void Dispose() => _listener.Dispose();
    }
}
