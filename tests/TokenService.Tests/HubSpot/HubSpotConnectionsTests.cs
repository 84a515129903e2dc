using System.Net;
using System.Web;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.HubSpot;

public sealed class HubSpotConnectionsTests : IAsyncLifetime
{
    private const string RedirectUri = "https://app.example.com/api/v1/crm/hubspot/callback";

    private static readonly string Browser = TokenWorld.Sha256("this browser");

    private TokenWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.PrepareAsync();
        await StartAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_person_is_sent_to_hubspot_and_the_callback_makes_a_connection_of_the_portal()
    {
        var page = new Uri((await StartAuthorizationAsync()).AuthorizeUrl);
        var query = HttpUtility.ParseQueryString(page.Query);

        var connection = await CompleteAsync(query["state"]!);

        Assert.Equal("https://app.hubspot.com/oauth/authorize", page.GetLeftPart(UriPartial.Path));
        Assert.Equal("crm.objects.contacts.read crm.objects.contacts.write oauth", query["scope"]);
        Assert.Equal((PlayedHubSpot.ClientId, RedirectUri), (query["client_id"], query["redirect_uri"]));
        Assert.Equal(["client_id", "redirect_uri", "scope", "state"], query.AllKeys.Order(StringComparer.Ordinal));
        Assert.Equal((ConnectionState.Active, "", "24000001"), (connection.State, connection.DataCentre, Assert.Single(connection.OrganizationIds)));
        Assert.Empty(connection.MissingScopes);
        Assert.Equal(RedirectUri, Assert.Single(_world.HubSpot.Requests).Form["redirect_uri"]);
        var token = await _world.TokenAsync(connection.Id);
        Assert.Contains(token.AccessToken, _world.HubSpot.Given);
        Assert.Equal(("https://api.hubapi.com", "", "24000001"), (token.ApiDomain, token.DataCentre, Assert.Single(token.OrganizationIds)));
        Assert.Equal("24000001", token.AccountId);
        Assert.Equal(_world.Clock.GetUtcNow().AddMinutes(30), token.ExpiresAt.ToDateTimeOffset());
        Assert.Empty(_world.Zoho.Requests);
    }

    [Fact]
    public async Task A_refusal_at_hubspot_is_told_in_its_name()
    {
        var state = HttpUtility.ParseQueryString(new Uri((await StartAuthorizationAsync()).AuthorizeUrl).Query)["state"]!;

        var refused = await TokenWorld.RefusedAsync("access_denied", async () => await _world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = state, Error = "access_denied", BrowserSha256 = Browser }, Nobody));

        Assert.Contains("HubSpot", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connection_serves_the_contacts_beside_the_same_owners_zoho()
    {
        var hubSpot = await ConnectAsync();
        var zoho = await _world.ConnectAsync();

        Assert.Equal(hubSpot.Id, (await ResolveAsync("hubspot_contacts")).Id);
        Assert.Equal(zoho.Id, (await ResolveAsync("campaigns")).Id);
        Assert.Equal(hubSpot.Id, (await ConnectAsync()).Id);
    }

    [Fact]
    public async Task Without_a_connection_the_caller_is_told_to_connect_hubspot()
    {
        var refused = await TokenWorld.RefusedAsync("not_connected", () => ResolveAsync("hubspot_contacts"));

        Assert.Contains("HubSpot", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_client","status":"BAD_CLIENT_ID"}""",
        StatusCode.FailedPrecondition, "client_refused", ConnectionState.Misconfigured, "client id")]
    [InlineData(400, """{"error":"invalid_client","status":"BAD_CLIENT_SECRET"}""",
        StatusCode.FailedPrecondition, "client_secret_refused", ConnectionState.Misconfigured, "client secret")]
    [InlineData(400, """{"status":"MISSING_SCOPES"}""",
        StatusCode.FailedPrecondition, "scope_refused", ConnectionState.Misconfigured, "crm.objects.contacts.read")]
    [InlineData(400, """{"status":"BAD_REDIRECT_URI"}""",
        StatusCode.Unavailable, "redirect_uri_refused", ConnectionState.Active, "callback address")]
    [InlineData(400, """{"status":"BAD_AUTH_CODE"}""",
        StatusCode.Unavailable, "grant_code_invalid", ConnectionState.Active, "Begin again")]
    [InlineData(400, """{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN"}""",
        StatusCode.Unavailable, "grant_refused_once", ConnectionState.Active, "HubSpot does not accept")]
    [InlineData(429, """{"status":"error","category":"RATE_LIMITS"}""",
        StatusCode.ResourceExhausted, "hubspot_throttled", ConnectionState.Active, "for a moment")]
    [InlineData(400, """{"status":"SOMETHING_NEW"}""",
        StatusCode.Unavailable, "hubspot_oauth_refused", ConnectionState.Active, "SOMETHING_NEW")]
    [InlineData(400, """{"status":"error","category":"VALIDATION_ERROR"}""",
        StatusCode.Unavailable, "hubspot_oauth_refused", ConnectionState.Active, "VALIDATION_ERROR")]
    [InlineData(200, """{"access_token":"fake"}""",
        StatusCode.Unavailable, "hubspot_oauth_unavailable", ConnectionState.Active, "as it should")]
    [InlineData(200, "<html>Maintenance</html>",
        StatusCode.Unavailable, "hubspot_oauth_unavailable", ConnectionState.Active, "as it should")]
    [InlineData(502, "<html>502</html>",
        StatusCode.Unavailable, "hubspot_oauth_unavailable", ConnectionState.Active, "as it should")]
    [InlineData(521, "", StatusCode.Unavailable, "hubspot_oauth_unavailable", ConnectionState.Active, "as it should")]
    [InlineData(477, "{}", StatusCode.Unavailable, "hubspot_oauth_unavailable", ConnectionState.Active, "as it should")]
    public async Task What_hubspot_refuses_reaches_the_caller_and_changes_the_state_only_where_it_must(
        int status, string body, StatusCode expected, string code, ConnectionState state, string told)
    {
        var connection = await ConnectAsync();
        _world.ExpireTokens();
        _world.HubSpot.Refuses((HttpStatusCode)status, body);

        var refused = await TokenWorld.RefusedAsync(code, () => _world.TokenAsync(connection.Id));

        Assert.Equal(expected, refused.StatusCode);
        Assert.Contains(told, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(state, (await GetAsync(connection.Id)).State);
        Assert.Equal(state is ConnectionState.Active, (await GetAsync(connection.Id)).StateReason.Length == 0);

        // and heals by itself when HubSpot is well again
        _world.HubSpot.Instead = _ => null;
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await _world.TokenAsync(connection.Id);
        Assert.Equal(ConnectionState.Active, (await GetAsync(connection.Id)).State);
    }

    [Fact]
    public async Task A_grant_is_revoked_only_when_hubspot_says_so_twice_in_a_row()
    {
        var connection = await ConnectAsync();
        _world.ExpireTokens();
        _world.HubSpot.Refuses(HttpStatusCode.BadRequest, """{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN"}""");

        await TokenWorld.RefusedAsync("grant_refused_once", () => _world.TokenAsync(connection.Id));
        _world.Clock.Advance(TimeSpan.FromSeconds(6));
        var refused = await TokenWorld.RefusedAsync("grant_revoked", () => _world.TokenAsync(connection.Id));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal(ConnectionState.Revoked, (await GetAsync(connection.Id)).State);
        Assert.Equal("provider:hubspot", await _world.SqlAsync(
            $"SELECT actor FROM {TokenWorld.Audit} WHERE action = 'grant.revoked' AND subject = 'connection:{connection.Id}'"));
    }

    [Fact]
    public async Task HubSpot_is_left_alone_for_as_long_as_it_asks()
    {
        var connection = await ConnectAsync();
        _world.ExpireTokens();
        _world.HubSpot.Refuses(HttpStatusCode.TooManyRequests, "{}", TimeSpan.FromSeconds(90));

        var first = await TokenWorld.RefusedAsync("hubspot_throttled", () => _world.TokenAsync(connection.Id));
        _world.Clock.Advance(TimeSpan.FromSeconds(80));
        var second = await TokenWorld.RefusedAsync("hubspot_throttled", () => _world.TokenAsync(connection.Id));

        Assert.Equal("90000", first.Trailers.GetValue(GrpcFailures.RetryAfterTrailer));
        Assert.Equal(StatusCode.ResourceExhausted, second.StatusCode);
        Assert.Equal(2, _world.HubSpot.Refreshes.Count);
    }

    [Fact]
    public async Task Another_refresh_token_takes_the_old_ones_place()
    {
        var connection = await ConnectAsync();
        _world.HubSpot.Rotates = true;
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);

        var used = _world.HubSpot.Refreshes.Select(request => request.Form["refresh_token"]).ToList();
        Assert.Equal([PlayedHubSpot.RefreshToken, PlayedHubSpot.RefreshToken], used[..2]);
        Assert.StartsWith("fake-hubspot-refresh-", used[2], StringComparison.Ordinal);
        Assert.NotEqual(PlayedHubSpot.RefreshToken, used[2]);
        Assert.NotEqual(connection.Fingerprint, (await GetAsync(connection.Id)).Fingerprint);
    }

    [Fact]
    public async Task Another_refresh_token_is_kept_also_where_the_settings_changed_meanwhile()
    {
        var connection = await ConnectAsync();
        _world.HubSpot.Rotates = true;
        _world.ExpireTokens();
        var changed = 0;
        _world.HubSpot.Instead = request =>
        {
            if (request.Form.ContainsKey("refresh_token") && Interlocked.Increment(ref changed) == 1)
            {
                _world.SqlAsync("UPDATE connections SET version = version + 1").GetAwaiter().GetResult();
            }

            return null;
        };

        var token = _world.TokenAsync(connection.Id);
        await Testing.Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromMilliseconds(25));
                return Task.FromResult(token.IsCompleted);
            },
            completed => completed);
        await token;

        // the first answer was overtaken, the second question was asked with what it had brought
        var used = _world.HubSpot.Refreshes.Select(request => request.Form["refresh_token"]).ToList();
        Assert.Equal(3, used.Count);
        Assert.NotEqual(PlayedHubSpot.RefreshToken, used[2]);
    }

    [Fact]
    public async Task Zohos_ten_tokens_are_no_limit_at_hubspot()
    {
        var connection = await ConnectAsync();
        foreach (var _ in Enumerable.Range(0, 15))
        {
            var token = await _world.TokenAsync(connection.Id);
            await _world.Host.Tokens.ReportRejectedTokenAsync(
                new() { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(token.AccessToken) }, _world.Service);
        }

        Assert.Equal(15, _world.HubSpot.Refreshes.Count);
    }

    [Fact]
    public async Task Who_asks_for_a_tokens_whole_life_does_not_get_a_new_one_each_time()
    {
        var connection = await ConnectAsync();
        var asked = new GetAccessTokenRequest { ConnectionId = connection.Id, MinValidity = Duration.FromTimeSpan(TimeSpan.FromMinutes(30)) };

        foreach (var _ in Enumerable.Range(0, 3))
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(4));
            await _world.Host.Tokens.GetAccessTokenAsync(asked, _world.Service);
        }

        Assert.Single(_world.HubSpot.Refreshes);
    }

    [Fact]
    public async Task A_deleted_connection_is_revoked_with_the_client()
    {
        var connection = await CompleteAsync(HttpUtility.ParseQueryString(new Uri((await StartAuthorizationAsync()).AuthorizeUrl).Query)["state"]!);

        var deleted = await _world.Host.Connections.DeleteConnectionAsync(new() { Id = connection.Id, EvenIfInUse = true }, _world.Admin);

        Assert.True(deleted.RevokedAtProvider);
        var revocation = _world.HubSpot.Requests[^1];
        Assert.Equal("/oauth/2026-03/token/revoke", revocation.Path);
        Assert.Equal(PlayedHubSpot.ClientSecret, revocation.Form["client_secret"]);
        Assert.Contains(revocation.Form["token"], _world.HubSpot.Given);
    }

    [Fact]
    public async Task A_trial_says_which_portal_answers_a_new_token_each_time()
    {
        var connection = await ConnectAsync();
        var good = await TestAsync(connection.Id);
        _world.HubSpot.Instead = request => request.Path == "/account-info/v3/details" ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : null;
        var replaced = await TestAsync(connection.Id);
        _world.HubSpot.Instead = request =>
            request.Path == "/account-info/v3/details" ? new HttpResponseMessage(HttpStatusCode.BadGateway) : null;
        var down = await TestAsync(connection.Id);

        Assert.True(good.Ok);
        Assert.Contains("24000001", good.Message, StringComparison.Ordinal);
        Assert.Contains("new token", replaced.Message, StringComparison.Ordinal);
        // one when it was connected
        Assert.Equal(1 + 3, _world.HubSpot.Refreshes.Count);
        Assert.Equal((false, "hubspot_oauth_unavailable"), (down.Ok, down.Code));
    }

    [Fact]
    public async Task A_refresh_token_that_hubspot_does_not_know_is_not_connected()
    {
        _world.HubSpot.Refuses(HttpStatusCode.BadRequest, """{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN"}""");

        var refused = await TokenWorld.RefusedAsync("refresh_token_invalid", ConnectAsync);

        Assert.Contains("HubSpot", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(_world.Zoho.Requests);
        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Fact]
    public async Task HubSpot_has_no_codes_but_those_of_its_consent_page()
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", async () => await _world.Host.Connections.CreateConnectionAsync(
            new() { Provider = "hubspot", Features = { "hubspot_contacts" }, GrantCode = "fake-code" }, _world.Admin));

        Assert.Equal("grant_code", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task Without_its_client_hubspot_cannot_be_connected()
    {
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);

        var refused = await TokenWorld.RefusedAsync("client_not_configured", async () =>
            await _world.Host.Connections.StartAuthorizationAsync(StartRequest, theirs));

        Assert.Contains("HubSpot", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_older_endpoints_are_asked_for_the_portal_that_they_do_not_name()
    {
        await _world.StopHostsAsync();
        _world.Configuration["Providers:HubSpot:OAuthVersion"] = "v1";
        await _world.StartHostAsync();

        var connection = await ConnectAsync();

        Assert.Equal("24000001", Assert.Single(connection.OrganizationIds));
        Assert.Equal("crm.objects.contacts.write", Assert.Single(connection.MissingScopes));
        _world.ExpireTokens();
        Assert.Equal("24000001", Assert.Single((await _world.TokenAsync(connection.Id)).OrganizationIds));
    }

    private static StartAuthorizationRequest StartRequest => new()
    {
        Provider = "hubspot",
        Features = { "hubspot_contacts" },
        RedirectUri = RedirectUri,
        BrowserSha256 = Browser,
    };

    private Metadata Nobody => _world.Host.TicketOf(TenantId.None, Role.Service);

    private async Task StartAsync()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "hubspot", ClientId = PlayedHubSpot.ClientId, ClientSecrets = { [""] = PlayedHubSpot.ClientSecret } },
            _world.Admin);
    }

    private async Task<Connection> ConnectAsync() => await _world.Host.Connections.CreateConnectionAsync(
        new() { Provider = "hubspot", Features = { "hubspot_contacts" }, RefreshToken = PlayedHubSpot.RefreshToken }, _world.Admin);

    private async Task<Connection> GetAsync(string id) => await _world.Host.Connections.GetConnectionAsync(new() { Id = id }, _world.Viewer);

    private async Task<Connection> ResolveAsync(string feature) =>
        await _world.Host.Connections.ResolveConnectionAsync(new() { Feature = feature }, _world.Viewer);

    private async Task<TestConnectionResponse> TestAsync(string id) =>
        await _world.Host.Connections.TestConnectionAsync(new() { Id = id }, _world.Host.TicketOf(_world.Tenant, Role.Operator));

    private async Task<StartAuthorizationResponse> StartAuthorizationAsync() =>
        await _world.Host.Connections.StartAuthorizationAsync(StartRequest, _world.Admin);

    private async Task<Connection> CompleteAsync(string state) => (await _world.Host.Connections.CompleteAuthorizationAsync(
        new() { State = state, Code = "fake-code", BrowserSha256 = Browser }, Nobody)).Connection;
}
