using System.Net;
using System.Net.Http.Headers;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>The whole road to a provider that keeps Zoho's own rules.</summary>
public sealed class SimulatedZohoTests(SimulatedZoho zoho) : IClassFixture<SimulatedZoho>, IAsyncLifetime
{
    private const string RedirectUri = "http://127.0.0.1:8080/api/v1/crm/zoho/callback";

    private TokenWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.PrepareAsync(TimeProvider.System);
        _world.Configuration["Providers:SimulatorUrl"] = zoho.Http.BaseAddress!.ToString();
        await _world.StartHostAsync(simulated: true);
        var client = new UpdateSettingsRequest { Provider = "zoho", ClientId = zoho.ClientId };
        foreach (var dataCentre in (string[])["us", "eu", "in"])
        {
            client.ClientSecrets[dataCentre] = await zoho.OfDataCentreAsync(dataCentre, "client_secret");
        }

        await _world.Host.Settings.UpdateSettingsAsync(client, _world.Admin);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_person_consents_and_the_token_opens_campaigns()
    {
        var browser = TokenWorld.Sha256("browser");
        var started = await _world.Host.Connections.StartAuthorizationAsync(
            new() { Provider = "zoho", Features = { "campaigns" }, RedirectUri = RedirectUri, BrowserSha256 = browser },
            _world.Admin);
        var callback = await ConsentPage.AcceptAsync(started.AuthorizeUrl);

        var connection = (await _world.Host.Connections.CompleteAuthorizationAsync(
            new()
            {
                State = callback["state"]!,
                Code = callback["code"]!,
                Location = callback["location"] ?? "",
                AccountsServer = callback["accounts-server"] ?? "",
                BrowserSha256 = browser,
            },
            _world.Host.TicketOf(TenantId.None, Role.Service))).Connection;

        Assert.Empty(connection.MissingScopes);
        var token = await _world.TokenAsync(connection.Id);
        var host = await zoho.OfDataCentreAsync(connection.DataCentre, "campaigns_host");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{host}/api/v1.1/getmailinglists?resfmt=JSON");
        request.Headers.Authorization = new AuthenticationHeaderValue("Zoho-oauthtoken", token.AccessToken);
        using var lists = await zoho.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, lists.StatusCode);
        Assert.Contains("Registered users", await lists.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True((await TestAsync(connection.Id)).Ok);
    }

    [Fact]
    public async Task The_demos_ready_grant_has_what_its_features_ask_for_and_no_more()
    {
        var connection = await ConnectAsync("us", "us", "campaigns", "crm");

        Assert.Equal(2, connection.FeatureScopes.Count);
        Assert.Equal(
            connection.FeatureScopes.SelectMany(feature => feature.NeededScopes).Append("AaaServer.profile.READ").Distinct().Order(StringComparer.Ordinal),
            connection.GrantedScopes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_refresh_token_in_the_wrong_data_centre_is_told_where_it_belongs()
    {
        var refused = await TokenWorld.RefusedAsync("wrong_data_centre", async () => await ConnectAsync("eu", "us"));

        Assert.Contains("eu", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_deleted_is_revoked_at_zoho()
    {
        var browser = TokenWorld.Sha256("browser");
        var started = await _world.Host.Connections.StartAuthorizationAsync(
            new() { Provider = "zoho", DataCentre = "in", RedirectUri = RedirectUri, BrowserSha256 = browser }, _world.Admin);
        var callback = await ConsentPage.AcceptAsync(started.AuthorizeUrl);
        var connection = (await _world.Host.Connections.CompleteAuthorizationAsync(
            new()
            {
                State = callback["state"]!,
                Code = callback["code"]!,
                Location = callback["location"]!,
                AccountsServer = callback["accounts-server"]!,
                BrowserSha256 = browser,
            },
            _world.Host.TicketOf(TenantId.None, Role.Service))).Connection;
        Assert.True((await TestAsync(connection.Id)).Ok);

        Assert.True((await DeleteAsync(connection.Id)).RevokedAtProvider);

        // what was brought along goes on working elsewhere
        var brought = await ConnectAsync("in", "in");
        Assert.False((await DeleteAsync(brought.Id)).RevokedAtProvider);
        Assert.Equal(ConnectionState.Active, (await ConnectAsync("in", "in")).State);
    }

    [Fact]
    public async Task Three_replicas_with_fifty_callers_each_cost_one_call_to_zoho()
    {
        TokenHost[] hosts = [_world.Host, await _world.StartHostAsync(simulated: true), await _world.StartHostAsync(simulated: true)];
        await zoho.SetTokenLifeAsync(1);
        var connection = await ConnectAsync("us", "us");
        await zoho.SetTokenLifeAsync(3600);
        await zoho.ForgetCallsAsync();

        var tokens = await Task.WhenAll(
            hosts.SelectMany(host => Enumerable.Range(0, 50).Select(_ => _world.TokenAsync(connection.Id, host))));

        Assert.Single(tokens.Select(token => token.AccessToken).Distinct());
        Assert.Equal(1, await zoho.RefreshesAsync());
    }

    private async Task<Connection> ConnectAsync(string tokenOf, string dataCentre, params string[] features) => await _world.Host.Connections.CreateConnectionAsync(
        new()
        {
            Provider = "zoho",
            Features = { features is [] ? ["campaigns"] : features },
            DataCentre = dataCentre,
            RefreshToken = await zoho.OfDataCentreAsync(tokenOf, "refresh_token"),
        },
        _world.Admin);

    private async Task<DeleteConnectionResponse> DeleteAsync(string id) =>
        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = id, EvenIfInUse = true }, _world.Admin);

    private async Task<TestConnectionResponse> TestAsync(string id) =>
        await _world.Host.Connections.TestConnectionAsync(new() { Id = id }, _world.Host.TicketOf(_world.Tenant, Role.Operator));
}
