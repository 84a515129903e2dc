using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

/// <summary>The token of whichever connection serves a feature, in one call.</summary>
public sealed class FeatureTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task It_brings_the_connection_and_all_that_a_call_needs()
    {
        _world.Zoho.Scopes = "ZohoCampaigns.contact.ALL";
        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", OrganizationId = "20064321" }, _world.Admin);
        var connection = await _world.ConnectAsync();

        var answer = await AskAsync();

        Assert.Equal(
            (connection.Id, "us", "https://www.zohoapis.com"), (answer.ConnectionId, answer.DataCentre, answer.ApiDomain));
        Assert.Equal(["20064321"], answer.OrganizationIds);
        Assert.Equal(["ZohoCampaigns.contact.ALL"], answer.GrantedScopes);
        Assert.Equal((await _world.TokenAsync(connection.Id)).AccessToken, answer.AccessToken);
    }

    [Fact]
    public async Task A_second_time_it_asks_the_database_nothing()
    {
        await _world.ConnectAsync();
        await AskAsync();
        var database = new NpgsqlConnectionStringBuilder(_world.Configuration["ConnectionStrings:tokens"]).Database!;

        // the clock stands: what the workers ask after the start comes to an end
        await Eventually.GetAsync(
            async () =>
            {
                using var use = new DatabaseUse(database);
                for (var i = 0; i < 200; i++)
                {
                    await AskAsync();
                }

                return use.Commands;
            },
            commands => commands <= 10);
    }

    [Fact]
    public async Task Without_a_connection_it_says_so_and_serves_once_there_is_one()
    {
        await TokenWorld.RefusedAsync("not_connected", () => AskAsync());
        await TokenWorld.RefusedAsync("crm_disabled", async () =>
        {
            await _world.ConnectAsync(features: "crm");
            await AskAsync("crm");
        });

        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", CrmEnabled = true }, _world.Admin);

        await AskAsync("crm");
    }

    [Fact]
    public async Task Every_replica_hears_of_another_connection_and_of_a_deletion()
    {
        var other = await _world.StartHostAsync();
        var first = await _world.ConnectAsync(owner: "one");
        Assert.Equal(first.Id, (await AskAsync(host: other)).ConnectionId);

        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await _world.ConnectAsync(owner: "two", refreshToken: "1000.fake.grant.b");
        // who connects later takes nothing over
        await EventuallyServedAsync(first.Id);

        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = first.Id, EvenIfInUse = true }, _world.Admin);
        await TokenWorld.RefusedAsync("connection_not_chosen", () => AskAsync());
        await Eventually.GetAsync(
            async () => (await Record.ExceptionAsync(() => AskAsync(host: other)) as RpcException)?.Trailers.GetValue(GrpcFailures.CodeTrailer),
            code => code == "connection_not_chosen");
        // nobody takes over by being there; who connects again is meant
        await _world.ConnectAsync(owner: "two", refreshToken: "1000.fake.grant.c");
        await EventuallyServedAsync(second.Id);

        async Task EventuallyServedAsync(string connection)
        {
            Assert.Equal(connection, (await AskAsync()).ConnectionId);
            await Eventually.GetAsync(async () => (await AskAsync(host: other)).ConnectionId, id => id == connection);
        }
    }

    [Fact]
    public async Task A_connection_that_was_chosen_serves_in_every_replica_until_another_is()
    {
        var other = await _world.StartHostAsync();
        var older = await _world.ConnectAsync(owner: "one");
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var newer = await _world.ConnectAsync(owner: "two", refreshToken: "1000.fake.grant.b");
        Assert.Equal(older.Id, (await AskAsync(host: other)).ConnectionId);

        Assert.Equal(newer.Id, (await ChooseAsync(newer.Id)).FeatureConnections["campaigns"]);
        await EventuallyServedAsync(newer.Id);
        Assert.Empty((await ChooseAsync("")).FeatureConnections);
        await TokenWorld.RefusedAsync("connection_not_chosen", () => AskAsync());
        await ChooseAsync(older.Id);
        await EventuallyServedAsync(older.Id);

        Assert.Equal(
            3L,
            await _world.SqlAsync(
                """
                SELECT count(*) FROM (SELECT details FROM audit_entries UNION ALL SELECT details FROM audit_inbox) AS entries
                WHERE details::text LIKE '%feature_connections.campaigns%'
                """));

        async Task<IntegrationSettings> ChooseAsync(string id) => await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", FeatureConnections = { ["campaigns"] = id } }, _world.Admin);

        async Task EventuallyServedAsync(string connection)
        {
            Assert.Equal(connection, (await AskAsync()).ConnectionId);
            await Eventually.GetAsync(async () => (await AskAsync(host: other)).ConnectionId, id => id == connection);
        }
    }

    [Theory]
    [InlineData("crm")]              // it does not serve that
    [InlineData("hubspot_contacts")] // no feature of that provider
    public async Task Only_a_connection_that_has_the_feature_can_be_chosen(string feature)
    {
        var id = (await _world.ConnectAsync()).Id;

        foreach (var chosen in (string[])[id, Guid.NewGuid().ToString(), "none"])
        {
            var refused = await TokenWorld.RefusedAsync("invalid_field", async () => await _world.Host.Settings.UpdateSettingsAsync(
                new() { Provider = "zoho", FeatureConnections = { [feature] = chosen } }, _world.Admin));
            Assert.Equal("feature_connections", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        }
    }

    private async Task<GetAccessTokenResponse> AskAsync(string feature = "campaigns", TokenHost? host = null) =>
        await (host ?? _world.Host).Tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { Feature = feature, Purpose = "test" }, _world.Service);
}
