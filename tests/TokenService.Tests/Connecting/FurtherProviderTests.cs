using System.Web;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.Connecting;

/// <summary>A provider that this service has never heard of is connected, refreshed and revoked: all of it is in one class.</summary>
public sealed class FurtherProviderTests : IAsyncLifetime
{
    private const string RedirectUri = "https://app.example.com/api/v1/crm/slate/callback";

    private readonly string _browser = TokenWorld.Sha256("browser");
    private TokenWorld _world = null!;
    private InventedProvider _slate = null!;

    public async Task InitializeAsync()
    {
        _slate = await InventedProvider.StartAsync();
        _world = await TokenWorld.PrepareAsync();
        _world.MoreProviders.Add(_slate);
        await _world.StartHostAsync();
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "slate", ClientId = InventedProvider.ClientId, ClientSecrets = { [""] = InventedProvider.ClientSecret } }, _world.Admin);
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _slate.DisposeAsync();
    }

    [Fact]
    public async Task It_is_connected_served_by_feature_refreshed_tested_and_revoked()
    {
        var connection = await ConnectAsync();
        var first = await AskAsync();
        _world.ExpireTokens();
        var second = await AskAsync();
        _world.ExpireTokens();
        var third = await AskAsync();

        Assert.Equal(("slate", "Slate", "", "https://api.slate.example"), (
            connection.Provider, connection.ProviderTitle, connection.DataCentre, connection.ApiDomain));
        Assert.Equal(["slates"], connection.Features);
        Assert.Empty(connection.MissingScopes);
        Assert.Equal(["slate-7"], third.OrganizationIds);
        Assert.All([first, second, third], answer => Assert.Equal("Slate", answer.AuthorizationScheme));
        Assert.All([first, second, third], answer => Assert.Equal(connection.Id, answer.ConnectionId));
        Assert.Equal(3, new[] { first, second, third }.Select(answer => answer.AccessToken).Distinct().Count());
        var tested = await _world.Host.Connections.TestConnectionAsync(
            new() { Id = connection.Id }, _world.Host.TicketOf(_world.Tenant, Role.Operator));
        Assert.Equal((true, "Slate knows the connection."), (tested.Ok, tested.Message));
        Assert.True((await _world.Host.Connections.DeleteConnectionAsync(new() { Id = connection.Id, EvenIfInUse = true }, _world.Admin)).RevokedAtProvider);
        Assert.Equal(["token", "token", "token", "token", "forget"], _slate.Asked);
    }

    [Fact]
    public async Task A_grant_that_it_took_back_is_believed_the_second_time()
    {
        var connection = await ConnectAsync();
        _slate.ForgetAll();
        _world.ExpireTokens();

        await TokenWorld.RefusedAsync("grant_refused_once", AskAsync);
        _world.Clock.Advance(TimeSpan.FromSeconds(6));
        await TokenWorld.RefusedAsync("grant_revoked", AskAsync);

        var health = await _world.Host.Health.GetHealthAsync(new() { ConnectionId = connection.Id }, _world.Viewer);
        Assert.Equal(("slate", ConnectionState.Revoked), (health.Provider, health.State));
    }

    [Fact]
    public async Task It_is_named_where_a_provider_is_asked_for()
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", async () =>
            await _world.Host.Settings.GetSettingsAsync(new() { Provider = "slat" }, _world.Viewer));

        Assert.Equal("provider", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        Assert.Equal("provider must be zoho or hubspot or slate.", refused.Status.Detail);
    }

    private async Task<Connection> ConnectAsync()
    {
        var started = await _world.Host.Connections.StartAuthorizationAsync(
            new() { Provider = "slate", RedirectUri = RedirectUri, BrowserSha256 = _browser }, _world.Admin);
        var page = new Uri(started.AuthorizeUrl);
        var query = HttpUtility.ParseQueryString(page.Query);
        Assert.Equal(("slate.example", RedirectUri, "slates.read+slates.write"), (page.Host, query["back"], query["may"]));
        var completed = await _world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = query["state"], Code = _slate.Consent(), BrowserSha256 = _browser }, _world.Gateway);
        return completed.Connection;
    }

    private async Task<GetAccessTokenResponse> AskAsync() =>
        await _world.Host.Tokens.GetAccessTokenAsync(new GetAccessTokenRequest { Feature = "slates", Purpose = "test" }, _world.Service);
}
