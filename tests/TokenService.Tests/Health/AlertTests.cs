using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Health;

public sealed class AlertTests : IAsyncLifetime
{
    private PlayedWebhooks _webhooks = null!;
    private TokenWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.PrepareAsync();
        _webhooks = await PlayedWebhooks.StartAsync(_world.Clock);
        _world.Configuration["services:webhooks:grpc:0"] = _webhooks.Url;
        await _world.StartHostAsync();
        await _world.SetClientAsync();
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _webhooks.DisposeAsync();
    }

    [Fact]
    public async Task A_revoked_grant_is_told_once_whichever_replica_sees_it_and_again_only_after_it_was_connected()
    {
        // replicas wait for each other by the clock: one that stands still would hold them
        await using var world = await TokenWorld.PrepareAsync(TimeProvider.System);
        await using var webhooks = await PlayedWebhooks.StartAsync();
        world.Configuration["services:webhooks:grpc:0"] = webhooks.Url;
        TokenHost[] hosts = [await world.StartHostAsync(), await world.StartHostAsync(), await world.StartHostAsync()];
        await world.SetClientAsync();
        var connection = await world.ConnectAsync();

        await RevokeAsync(world, hosts, connection.Id);

        var told = Assert.Single(await ToldAsync(webhooks, "connection.grant_revoked", 1));
        Assert.Equal(("connection.grant_revoked", $"connection:{connection.Id}"), (told.Type, told.Subject));
        var about = JsonElement.Parse(told.Data).GetProperty("connection");
        Assert.Equal((connection.Id, "revoked"), (about.GetProperty("id").GetString(), about.GetProperty("state").GetString()));
        foreach (var host in hosts)
        {
            var health = await host.Health.GetHealthAsync(new() { ConnectionId = connection.Id }, world.Viewer);
            Assert.Equal((ConnectionState.Revoked, "grant_revoked"), (health.State, health.Code));
            Assert.Contains("Connect it again", health.Reason, StringComparison.Ordinal);
            var alert = Assert.Single(health.Alerts);
            Assert.Equal(("grant_revoked", true, health.Reason), (alert.Cause, alert.NeedsPerson, alert.Message));
        }

        world.Zoho.Instead = _ => null;
        await world.ConnectAsync();
        Assert.Empty(Assert.Single((await world.Host.Health.ListHealthAsync(new(), world.Viewer)).Connections).Alerts);

        await RevokeAsync(world, hosts, connection.Id);
        Assert.Equal(2, (await ToldAsync(webhooks, "connection.grant_revoked", 2)).Select(again => again.Id).Distinct().Count());
        Assert.Equal(2L, await world.SqlAsync("SELECT count(*) FROM connection_alerts WHERE cause = 'grant_revoked'"));
    }

    [Fact]
    public async Task Missing_scopes_are_an_alert_until_they_are_granted()
    {
        _world.Zoho.Scopes = "ZohoCampaigns.contact.READ";
        var connection = await _world.ConnectAsync();

        var health = await HealthAsync(connection.Id);

        Assert.Equal("scopes_missing", health.Code);
        Assert.Equal(
            ["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.CREATE", "ZohoCampaigns.campaign.READ"], health.MissingScopes);
        Assert.Contains("ZohoCampaigns.contact.UPDATE", Assert.Single(health.Alerts).Message, StringComparison.Ordinal);

        _world.Zoho.Scopes = "ZohoCampaigns.contact.ALL ZohoCampaigns.campaign.READ";
        await _world.ConnectAsync();
        health = await HealthAsync(connection.Id);
        Assert.Equal(("", ""), (health.Code, health.Reason));
        Assert.Empty(health.Alerts);
    }

    [Fact]
    public async Task A_refused_client_is_an_alert_until_the_settings_are_changed()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses("""{"error":"invalid_client_secret"}""");
        await TokenWorld.RefusedAsync("client_secret_refused", () => _world.TokenAsync(connection.Id));

        var health = await HealthAsync(connection.Id);
        Assert.Equal((ConnectionState.Misconfigured, "client_secret_refused"), (health.State, health.Code));
        Assert.Equal("misconfigured", Assert.Single(health.Alerts).Cause);

        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", ClientSecrets = { [""] = "another-fake-secret-abcd" } }, _world.Admin);
        Assert.Empty((await HealthAsync(connection.Id)).Alerts);
    }

    [Fact]
    public async Task The_budget_is_told_at_half_and_when_it_is_nearly_spent_until_its_window_is_past()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.ExpiresIn = 30;     // shorter than anybody asks for: every hand-out is a refresh
        var byUse = new List<string>();
        foreach (var used in Enumerable.Range(1, 10))
        {
            await _world.TokenAsync(connection.Id);
            var health = await HealthAsync(connection.Id);
            Assert.Equal((10, used), (health.BudgetLimit, health.BudgetUsed));
            byUse.Add(string.Join(' ', health.Alerts.Select(alert => $"{alert.Cause}:{alert.NeedsPerson}")));
            _world.Clock.Advance(TimeSpan.FromSeconds(40));
        }

        Assert.Equal(
            [.. Enumerable.Repeat("", 4), .. Enumerable.Repeat("budget_half:False", 3),
                .. Enumerable.Repeat("budget_half:False budget_nearly_spent:True", 3)],
            byUse);

        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = await HealthAsync(connection.Id);
        Assert.Equal(0, later.BudgetUsed);
        Assert.Empty(later.Alerts);

        // another window is another cause
        foreach (var _ in Enumerable.Range(0, 8))
        {
            await _world.TokenAsync(connection.Id);
            _world.Clock.Advance(TimeSpan.FromSeconds(40));
        }

        Assert.Equal(2L, await _world.SqlAsync("SELECT count(*) FROM connection_alerts WHERE cause = 'budget_nearly_spent'"));
    }

    [Fact]
    public async Task The_eighteenth_refresh_token_of_a_user_is_told_until_zoho_has_forgotten_one()
    {
        var connections = new List<string>();
        foreach (var number in Enumerable.Range(1, 18))
        {
            Assert.Equal(0L, await RaisedAsync());
            // one that was given for its connection is taken back with it
            connections.Add((number == 1 ? await _world.ConnectWithCodeAsync("owner-1") : await ConnectAsync(number)).Id);
        }

        var told = Assert.Single(await ToldAsync(_webhooks, "connection.refresh_tokens_nearly_spent", 1));
        Assert.Equal(
            ("connection.refresh_tokens_nearly_spent", $"connection:{connections[17]}", _world.Tenant),
            (told.Type, told.Subject, Assert.Single(_webhooks.Calls).Caller.Tenant));
        var alert = Assert.Single((await HealthAsync(connections[17])).Alerts);
        Assert.Equal(("refresh_tokens_nearly_spent", true), (alert.Cause, alert.NeedsPerson));
        Assert.Contains("18 of the 20", alert.Message, StringComparison.Ordinal);
        Assert.Empty((await HealthAsync(connections[16])).Alerts);

        // the same refresh token once more is no further one
        await ConnectAsync(18);
        Assert.Equal(1L, await RaisedAsync());

        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = connections[0], EvenIfInUse = true }, _world.Admin);
        Assert.Empty((await HealthAsync(connections[17])).Alerts);

        // one more is another cause
        await ConnectAsync(19);
        Assert.Equal(2, (await ToldAsync(_webhooks, "connection.refresh_tokens_nearly_spent", 2)).Select(again => again.Id).Distinct().Count());
        Assert.Equal(2L, await RaisedAsync());
    }

    [Fact]
    public async Task A_grant_that_zoho_took_back_makes_room_for_another_refresh_token()
    {
        var connections = new List<string>();
        foreach (var number in Enumerable.Range(1, 18))
        {
            connections.Add((await ConnectAsync(number)).Id);
        }

        Assert.Single((await HealthAsync(connections[17])).Alerts);
        _world.ExpireTokens();
        _world.Zoho.Refuses("""{"error":"invalid_code"}""");
        await Assert.ThrowsAsync<RpcException>(() => _world.TokenAsync(connections[0]));
        _world.Clock.Advance(TimeSpan.FromSeconds(10));
        await TokenWorld.RefusedAsync("grant_revoked", () => _world.TokenAsync(connections[0]));

        Assert.Empty((await HealthAsync(connections[17])).Alerts);
        Assert.Equal("grant_revoked", Assert.Single((await HealthAsync(connections[0])).Alerts).Cause);
    }

    [Fact]
    public async Task A_cool_down_is_shown_until_it_ends()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses("""{"error":"Access Denied","status":"failure"}""");
        await TokenWorld.RefusedAsync("zoho_throttled", () => _world.TokenAsync(connection.Id));

        var health = await HealthAsync(connection.Id);
        Assert.Equal((ConnectionState.Active, "zoho_throttled"), (health.State, health.Code));
        Assert.Equal(_world.Clock.GetUtcNow().AddMinutes(1), health.CooldownEndsAt.ToDateTimeOffset());
        Assert.Empty(health.Alerts);

        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        health = await HealthAsync(connection.Id);
        Assert.Equal(("", null), (health.Code, health.CooldownEndsAt));
    }

    [Fact]
    public async Task A_deleted_connection_leaves_no_open_alert()
    {
        _world.Zoho.Scopes = "ZohoCampaigns.contact.READ";
        var connection = await _world.ConnectAsync();

        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = connection.Id, EvenIfInUse = true }, _world.Admin);

        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM connection_alerts WHERE resolved_at IS NULL"));
    }

    [Fact]
    public async Task Another_tenant_sees_no_health_and_nothing_is_told_of_it()
    {
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);
        _world.Zoho.Scopes = "ZohoCampaigns.contact.READ";
        var connection = await _world.ConnectAsync();

        var refused = await TokenWorld.RefusedAsync(
            "connection_not_found", async () => await _world.Host.Health.GetHealthAsync(new() { ConnectionId = connection.Id }, theirs));

        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        Assert.Empty((await _world.Host.Health.ListHealthAsync(new(), theirs)).Connections);
        Assert.Single((await _world.Host.Health.ListHealthAsync(new(), _world.Viewer)).Connections);
        Assert.All(_webhooks.Calls, call => Assert.Equal(_world.Tenant, call.Caller.Tenant));
    }

    private static async Task RevokeAsync(TokenWorld world, TokenHost[] hosts, string connection)
    {
        await world.SqlAsync("UPDATE connections SET access_token_sealed = NULL, access_token_expires_at = NULL, version = version + 1");
        world.Zoho.Refuses("""{"error":"invalid_code"}""");
        // the second opinion is asked for after seconds; here at once
        await Eventually.GetAsync(
            async () =>
            {
                var refused = await Task.WhenAll(hosts.Select(host => Assert.ThrowsAsync<RpcException>(() => world.TokenAsync(connection, host))));
                await world.SqlAsync("UPDATE connections SET cooldown_until = now() WHERE state <> 2");
                return refused;
            },
            refused => refused.All(one => one.Trailers.GetValue(GrpcFailures.CodeTrailer) == "grant_revoked"));
    }

    // of this type alone: refreshes use up the budget, which is told too
    private static async Task<IReadOnlyList<Event>> ToldAsync(PlayedWebhooks webhooks, string type, int count) => await Eventually.GetAsync(
        () => Task.FromResult(webhooks.Events.Where(told => told.Type == type).ToList()), events => events.Count >= count);

    private Task<Connection> ConnectAsync(int number) => _world.ConnectAsync($"owner-{number}", $"1000.fake-refresh-token-{number}");

    private async Task<object?> RaisedAsync() =>
        await _world.SqlAsync("SELECT count(*) FROM connection_alerts WHERE cause = 'refresh_tokens_nearly_spent'");

    private async Task<Contracts.Tokens.V1.Health> HealthAsync(string connection) =>
        await _world.Host.Health.GetHealthAsync(new() { ConnectionId = connection }, _world.Viewer);
}
