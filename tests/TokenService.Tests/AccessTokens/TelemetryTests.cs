using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

public sealed class TelemetryTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_refresh_is_an_activity_with_its_verdict_and_without_a_secret()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "ZohoPlatform.TokenService",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var connection = await _world.ConnectAsync();

        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);
        _world.ExpireTokens();
        _world.Zoho.Refuses("<html>", HttpStatusCode.BadGateway);
        await TokenWorld.RefusedAsync("zoho_accounts_unavailable", () => _world.TokenAsync(connection.Id));

        // other tests refresh at the same time
        var mine = await Eventually.GetAsync(
            () => Task.FromResult(
                ended.Where(activity => connection.Id.Equals(activity.GetTagItem("connection.id")?.ToString())).ToList()),
            activities => activities.Count == 2);
        Assert.All(mine, activity => Assert.Equal("token refresh", activity.OperationName));
        Assert.Equal(["granted", "zoho_accounts_unavailable"], mine.Select(activity => activity.GetTagItem("refresh.verdict")));
        Assert.Equal([9, 9], mine.Select(activity => activity.GetTagItem("refresh.budget_left")));
        Assert.Equal([ActivityStatusCode.Ok, ActivityStatusCode.Error], mine.Select(activity => activity.Status));
        Assert.DoesNotContain(
            mine.SelectMany(activity => activity.TagObjects).Select(tag => tag.Value?.ToString() ?? ""),
            value => value.Contains("1000.", StringComparison.Ordinal) || value.Contains(TokenWorld.ClientSecret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_by_state_and_the_least_budget_left_are_measured_over_all_tenants()
    {
        var one = await _world.ConnectAsync("one", "1000.fake.grant.a");
        var two = await _world.ConnectAsync("two", "1000.fake.grant.b");
        await _world.ConnectAsync("three", "1000.fake.grant.c");
        await _world.SqlAsync($"UPDATE connections SET state = 2 WHERE id = '{two.Id}'");
        _world.Zoho.ExpiresIn = 30;
        _world.ExpireTokens();
        for (var refresh = 0; refresh < 4; refresh++)
        {
            await _world.TokenAsync(one.Id);
        }

        var scope = _world.Host.Services.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Scope == scope && instrument.Name is "tokens.connections" or "tokens.budget_left")
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();

        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.GetAsync(
            () =>
            {
                listener.RecordObservableInstruments();
                return Task.FromResult(measured.GetValueOrDefault("tokens.budget_left"));
            },
            left => left == 6);

        Assert.Equal(2, measured["tokens.connections active"]);
        Assert.Equal(1, measured["tokens.connections revoked"]);
        Assert.Equal(0, measured["tokens.connections misconfigured"]);
    }
}
