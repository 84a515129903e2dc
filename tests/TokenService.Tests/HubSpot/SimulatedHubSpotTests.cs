using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.HubSpot;

/// <summary>The whole road to a provider that keeps HubSpot's own rules, by each generation of its endpoints.</summary>
public sealed class SimulatedHubSpotTests(SimulatedZoho simulator) : IClassFixture<SimulatedZoho>
{
    private const string RedirectUri = "http://127.0.0.1:8080/api/v1/crm/hubspot/callback";

    [Theory]
    [InlineData("2026-03")]
    [InlineData("v1")]
    public async Task A_person_consents_the_token_opens_the_portal_and_a_deletion_ends_the_grant(string version)
    {
        await using var world = await StartAsync(version);
        var browser = TokenWorld.Sha256("browser");
        var started = await world.Host.Connections.StartAuthorizationAsync(
            new() { Provider = "hubspot", Features = { "hubspot_contacts" }, RedirectUri = RedirectUri, BrowserSha256 = browser },
            world.Admin);
        var callback = await ConsentPage.AcceptAsync(started.AuthorizeUrl);

        var connection = (await world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = callback["state"]!, Code = callback["code"]!, BrowserSha256 = browser },
            world.Host.TicketOf(TenantId.None, Role.Service))).Connection;

        Assert.Empty(connection.MissingScopes);
        Assert.Equal("24000001", Assert.Single(connection.OrganizationIds));
        Assert.Equal(HttpStatusCode.OK, await AccountAsync((await world.TokenAsync(connection.Id)).AccessToken));
        var test = await world.Host.Connections.TestConnectionAsync(
            new() { Id = connection.Id }, world.Host.TicketOf(world.Tenant, Role.Operator));
        Assert.True(test.Ok, test.Message);
        var deleted = await world.Host.Connections.DeleteConnectionAsync(new() { Id = connection.Id, EvenIfInUse = true }, world.Admin);
        Assert.True(deleted.RevokedAtProvider);
    }

    [Fact]
    public async Task A_rotating_refresh_token_is_followed_and_an_uninstalled_app_is_a_revoked_connection()
    {
        await using var world = await StartAsync("2026-03");
        (await simulator.Http.PatchAsJsonAsync("_simulator/settings", new { hubspot_rotates_refresh_tokens = true })).EnsureSuccessStatusCode();
        var connection = await world.Host.Connections.CreateConnectionAsync(
            new()
            {
                Provider = "hubspot",
                Features = { "hubspot_contacts" },
                RefreshToken = await MintAsync(),
            },
            world.Admin);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await RejectAsync(world, connection);
        }

        await simulator.Http.PostAsync("_simulator/hubspot/uninstall", null);
        var token = await world.TokenAsync(connection.Id);
        await world.Host.Tokens.ReportRejectedTokenAsync(
            new() { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(token.AccessToken) }, world.Service);

        await TokenWorld.RefusedAsync("grant_refused_once", () => world.TokenAsync(connection.Id));
        world.Clock.Advance(TimeSpan.FromSeconds(6));
        await TokenWorld.RefusedAsync("grant_revoked", () => world.TokenAsync(connection.Id));
    }

    private async Task<TokenWorld> StartAsync(string version)
    {
        var world = await TokenWorld.PrepareAsync();
        world.Configuration["Providers:SimulatorUrl"] = simulator.Http.BaseAddress!.ToString();
        world.Configuration["Providers:HubSpot:OAuthVersion"] = version;
        await world.StartHostAsync(simulated: true);
        await world.Host.Settings.UpdateSettingsAsync(
            new()
            {
                Provider = "hubspot",
                ClientId = await simulator.OfHubSpotAsync("client_id"),
                ClientSecrets = { [""] = await simulator.OfHubSpotAsync("client_secret") },
            },
            world.Admin);
        return world;
    }

    private static async Task RejectAsync(TokenWorld world, Connection connection)
    {
        var token = await world.TokenAsync(connection.Id);
        var report = new ReportRejectedTokenRequest { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(token.AccessToken) };
        await world.Host.Tokens.ReportRejectedTokenAsync(report, world.Service);
        Assert.NotEqual(token.AccessToken, (await world.TokenAsync(connection.Id)).AccessToken);
    }

    private async Task<string> MintAsync()
    {
        using var minted = await simulator.Http.PostAsync("_simulator/hubspot/refresh-tokens", null);
        return (await minted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refresh_token").GetString()!;
    }

    private async Task<HttpStatusCode> AccountAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api.hubapi.com/account-info/v3/details");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var answer = await simulator.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
