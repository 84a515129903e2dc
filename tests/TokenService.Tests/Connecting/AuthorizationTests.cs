using System.Web;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connecting;

namespace ZohoPlatform.TokenService.Tests.Connecting;

public sealed class AuthorizationTests : IAsyncLifetime
{
    private const string RedirectUri = "https://app.example.com/api/v1/crm/zoho/callback";

    private static readonly string Browser = TokenWorld.Sha256("this browser");

    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_consent_page_is_asked_for_the_features_scopes_and_a_refresh_token()
    {
        var url = new Uri((await StartAsync("campaigns")).AuthorizeUrl);
        var query = HttpUtility.ParseQueryString(url.Query);

        Assert.Equal("https://accounts.zoho.com/oauth/v2/auth", url.GetLeftPart(UriPartial.Path));
        Assert.Equal("code", query["response_type"]);
        Assert.Equal(TokenWorld.ClientId, query["client_id"]);
        Assert.Equal(RedirectUri, query["redirect_uri"]);
        Assert.Equal(
            "AaaServer.profile.READ,ZohoCampaigns.contact.UPDATE,ZohoCampaigns.contact.CREATE,ZohoCampaigns.contact.READ,ZohoCampaigns.campaign.READ",
            query["scope"]);
        Assert.Equal("offline", query["access_type"]);
        Assert.Equal("consent", query["prompt"]);
    }

    [Fact]
    public async Task Scopes_of_an_apps_own_are_asked_for_too_and_again_when_the_connection_is_renewed()
    {
        var connection = await CompleteAsync(StateOf(await StartAsync("campaigns", extraScopes: ["ZohoDesk.tickets.READ", "ZohoCampaigns.contact.READ"])));
        _world.Zoho.Scopes = "AaaServer.profile.READ ZohoCampaigns.contact.ALL ZohoCampaigns.campaign.READ ZohoBooks.fullaccess.all";

        var again = await StartAsync("books", extraScopes: ["ZohoDesk.contacts.READ"]);
        var asked = HttpUtility.ParseQueryString(new Uri(again.AuthorizeUrl).Query)["scope"]!.Split(',');
        var renewed = await CompleteAsync(StateOf(again));

        Assert.Equal(asked.Distinct(), asked);
        Assert.Equal(["ZohoDesk.contacts.READ", "ZohoDesk.tickets.READ"], asked.Where(scope => scope.StartsWith("ZohoDesk", StringComparison.Ordinal)));
        Assert.Equal(connection.Id, renewed.Id);
        Assert.Equal(["ZohoDesk.contacts.READ", "ZohoDesk.tickets.READ"], renewed.MissingScopes.Order(StringComparer.Ordinal));
        foreach (var wrong in (string[])["a,b", "", "has space", new string('a', 101)])
        {
            var refused = await TokenWorld.RefusedAsync("invalid_field", () => StartAsync("campaigns", extraScopes: [wrong]));
            Assert.Equal("extra_scopes", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        }
    }

    [Theory]
    [InlineData("cn", "accounts.zoho.com.cn")]
    [InlineData("ca", "accounts.zohocloud.ca")]
    [InlineData("", "accounts.zoho.com")]
    public async Task It_starts_where_the_client_is_registered(string dataCentre, string host) =>
        Assert.Equal(host, new Uri((await StartAsync("campaigns", dataCentre: dataCentre)).AuthorizeUrl).Host);

    [Fact]
    public async Task A_callback_makes_a_connection_in_the_data_centre_where_the_person_lives()
    {
        _world.Zoho.Scopes = "AaaServer.profile.READ ZohoCampaigns.contact.ALL ZohoCampaigns.campaign.READ";
        var state = StateOf(await StartAsync("campaigns", owner: "Sales"));

        var connection = await CompleteAsync(state, "in", "https://accounts.zoho.in");

        Assert.Equal("in", connection.DataCentre);
        Assert.Equal("Sales", connection.Owner);
        Assert.Equal(ConnectionState.Active, connection.State);
        Assert.Empty(connection.MissingScopes);
        var exchange = Assert.Single(_world.Zoho.TokenRequests);
        Assert.Equal("accounts.zoho.in", exchange.Host);
        Assert.Equal(RedirectUri, exchange.Form["redirect_uri"]);
        Assert.Equal(TokenWorld.ClientSecret, exchange.Form["client_secret"]);
        Assert.Contains((await _world.TokenAsync(connection.Id)).AccessToken, _world.Zoho.Given);
    }

    [Fact]
    public async Task The_secret_of_the_persons_data_centre_is_used()
    {
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", ClientSecrets = { ["eu"] = "fakesecret-of-eu" } }, _world.Admin);

        await CompleteAsync(StateOf(await StartAsync("campaigns")), "eu", "https://accounts.zoho.eu");

        Assert.Equal("fakesecret-of-eu", Assert.Single(_world.Zoho.TokenRequests).Form["client_secret"]);
    }

    [Fact]
    public async Task A_data_centre_without_a_secret_is_named()
    {
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", ClientSecrets = { [""] = "", ["us"] = "fakesecret-of-us" } }, _world.Admin);
        var state = StateOf(await StartAsync("campaigns"));

        var refused = await TokenWorld.RefusedAsync("client_secret_missing", () => CompleteAsync(state, "jp", "https://accounts.zoho.jp"));

        Assert.Contains("jp", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "https://accounts.zoho.com.example.com")]
    [InlineData("", "https://accounts.zoho.com@example.com")]
    [InlineData("", "http://accounts.zoho.com")]
    [InlineData("", "https://example.com")]
    [InlineData("eu", "https://accounts.zoho.in")]
    [InlineData("mars", "")]
    [InlineData("mars", "https://accounts.zoho.eu")]
    public async Task A_foreign_or_contradicting_server_is_sent_nothing(string location, string server)
    {
        var state = StateOf(await StartAsync("campaigns"));

        await TokenWorld.RefusedAsync("accounts_server_unknown", () => CompleteAsync(state, location, server));

        Assert.Empty(_world.Zoho.Requests);
    }

    [Fact]
    public async Task A_state_works_once()
    {
        var state = StateOf(await StartAsync("campaigns"));
        var both = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            try
            {
                await CompleteAsync(state);
                return "connected";
            }
            catch (RpcException e)
            {
                return e.Trailers.GetValue(GrpcFailures.CodeTrailer)!;
            }
        }));

        Assert.Contains("connected", both);
        Assert.All(both, outcome => Assert.Contains(outcome, (string[])["connected", "authorization_being_finished"]));
        Assert.Single(_world.Zoho.TokenRequests);
    }

    [Fact]
    public async Task A_callback_that_comes_again_is_answered_as_before_and_the_provider_asked_nothing()
    {
        var state = StateOf(await StartAsync("campaigns"));
        var first = await CompleteAsync(state);
        var asked = _world.Zoho.Requests.Count;

        var again = await CompleteAsync(state);
        _world.Clock.Advance(TimeSpan.FromMinutes(30));
        var later = await CompleteAsync(state);
        await TokenWorld.RefusedAsync("state_other_browser", () => CompleteAsync(state, browser: TokenWorld.Sha256("another")));

        Assert.Equal((first.Id, first.Fingerprint), (again.Id, again.Fingerprint));
        Assert.Equal(first.Id, later.Id);
        Assert.Equal(asked, _world.Zoho.Requests.Count);
        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = first.Id, EvenIfInUse = true }, _world.Admin);
        await TokenWorld.RefusedAsync("connection_gone", () => CompleteAsync(state));
    }

    [Fact]
    public async Task A_refusal_that_comes_again_is_answered_as_before()
    {
        var state = StateOf(await StartAsync("campaigns"));
        var first = await TokenWorld.RefusedAsync("access_denied", async () => await _world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = state, Error = "access_denied", BrowserSha256 = Browser }, Nobody));

        var again = await TokenWorld.RefusedAsync("access_denied", () => CompleteAsync(state));

        Assert.Equal(first.Status, again.Status);
        Assert.Empty(_world.Zoho.TokenRequests);
    }

    [Fact]
    public async Task Without_a_browser_it_waits_to_be_opened_once()
    {
        var started = await StartAsync("campaigns", owner: "ada", browser: "");
        Assert.Equal("", started.AuthorizeUrl);
        var waiting = await GetAsync(started.Id);
        Assert.Equal((AuthorizationState.Waiting, "zoho", "Zoho", "us"), (waiting.State, waiting.Provider, waiting.ProviderTitle, waiting.DataCentre));
        Assert.Equal(("ada", "campaigns"), (waiting.Owner, Assert.Single(waiting.Features)));
        Assert.Contains("ZohoCampaigns.contact.READ", waiting.Scopes);
        _world.Clock.Advance(TimeSpan.FromMinutes(9));

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            try
            {
                return (await OpenAsync(started.Id)).AuthorizeUrl;
            }
            catch (RpcException e)
            {
                return e.Trailers.GetValue(GrpcFailures.CodeTrailer)!;
            }
        }));

        var url = Assert.Single(all, outcome => outcome != "link_used");
        Assert.Equal(AuthorizationState.Opened, (await GetAsync(started.Id)).State);
        // the person has the whole time once more
        _world.Clock.Advance(TimeSpan.FromMinutes(9));
        var connection = await CompleteAsync(StateOf(url));
        var ended = await GetAsync(started.Id);
        Assert.Equal((AuthorizationState.Connected, connection.Id), (ended.State, ended.ConnectionId));
        _world.Clock.Advance(TimeSpan.FromHours(2));
        await StartAsync("campaigns");
        await TokenWorld.RefusedAsync("authorization_not_found", () => GetAsync(started.Id));
    }

    [Fact]
    public async Task One_that_nobody_opens_or_that_fails_says_so()
    {
        var late = await StartAsync("campaigns", browser: "");
        _world.Clock.Advance(TimeSpan.FromMinutes(11));
        await TokenWorld.RefusedAsync("link_expired", () => OpenAsync(late.Id));
        Assert.Equal(AuthorizationState.Expired, (await GetAsync(late.Id)).State);

        var refused = await StartAsync("campaigns");
        _world.Zoho.Refuses("""{"error":"invalid_client_secret"}""");
        await TokenWorld.RefusedAsync("client_secret_refused", () => CompleteAsync(StateOf(refused)));
        var failed = await GetAsync(refused.Id);
        Assert.Equal((AuthorizationState.Failed, "client_secret_refused"), (failed.State, failed.FailureCode));
        Assert.Contains("API console", failed.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_tenants_is_not_there()
    {
        var started = await StartAsync("campaigns", browser: "");
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);

        await TokenWorld.RefusedAsync(
            "authorization_not_found", async () => await _world.Host.Connections.GetAuthorizationAsync(new() { Id = started.Id }, theirs));
        await TokenWorld.RefusedAsync("authorization_not_found", async () => await _world.Host.Connections.OpenAuthorizationAsync(
            new() { Id = started.Id, BrowserSha256 = Browser }, theirs));
        await TokenWorld.RefusedAsync("authorization_not_found", () => GetAsync("nothing"));
        Assert.Equal(AuthorizationState.Waiting, (await GetAsync(started.Id)).State);
    }

    [Fact]
    public async Task A_link_that_met_settings_without_a_client_opens_once_they_are_mended()
    {
        var started = await StartAsync("campaigns", browser: "");
        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", ClientSecrets = { [""] = "" } }, _world.Admin);
        await TokenWorld.RefusedAsync("client_secret_missing", () => OpenAsync(started.Id));

        await _world.SetClientAsync();

        Assert.NotEmpty((await OpenAsync(started.Id)).AuthorizeUrl);
    }

    [Fact]
    public async Task A_state_of_another_browser_is_refused_and_not_used_up()
    {
        var state = StateOf(await StartAsync("campaigns"));

        var refused = await TokenWorld.RefusedAsync(
            "state_other_browser", () => CompleteAsync(state, browser: TokenWorld.Sha256("another")));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        await TokenWorld.RefusedAsync("state_other_browser", () => CompleteAsync(state, browser: ""));

        await CompleteAsync(state);
    }

    [Fact]
    public async Task A_state_ends_after_ten_minutes()
    {
        var started = await StartAsync("campaigns");
        Assert.Equal(_world.Clock.GetUtcNow().AddMinutes(10), started.ExpiresAt.ToDateTimeOffset());
        _world.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));

        await TokenWorld.RefusedAsync("state_expired", () => CompleteAsync(StateOf(started)));

        Assert.Empty(_world.Zoho.Requests);
    }

    [Fact]
    public async Task A_state_that_is_changed_or_made_up_is_refused()
    {
        var state = StateOf(await StartAsync("campaigns"));
        var changed = state[..40] + (state[40] == 'A' ? 'B' : 'A') + state[41..];

        await TokenWorld.RefusedAsync("state_invalid", () => CompleteAsync(changed));
        await TokenWorld.RefusedAsync("state_invalid", () => CompleteAsync("made-up"));
        await TokenWorld.RefusedAsync("state_invalid", () => CompleteAsync(""));
        await CompleteAsync(state);
    }

    [Theory]
    [InlineData("access_denied", "access_denied")]
    [InlineData("<script>", "authorization_failed")]
    public async Task A_person_who_refuses_connects_nothing(string error, string code)
    {
        var state = StateOf(await StartAsync("campaigns"));

        var refused = await TokenWorld.RefusedAsync(code, async () => await _world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = state, Error = error, BrowserSha256 = Browser }, Nobody));

        Assert.DoesNotContain("<script>", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Fact]
    public async Task An_answer_without_refresh_token_is_no_connection()
    {
        _world.Zoho.Offline = false;

        await TokenWorld.RefusedAsync("no_refresh_token", async () => await CompleteAsync(StateOf(await StartAsync("campaigns"))));

        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Theory]
    [InlineData("""{"error":"invalid_code"}""", "grant_code_invalid")]
    [InlineData("""{"error":"access_denied"}""", "zoho_client_throttled")]
    [InlineData("""{"error":"invalid_redirect_uri"}""", "redirect_uri_refused")]
    [InlineData("""{"error":"invalid_client_secret"}""", "client_secret_refused")]
    [InlineData("<html>", "zoho_accounts_unavailable")]
    public async Task A_refused_code_is_no_connection(string body, string code)
    {
        _world.Zoho.Refuses(body);

        await TokenWorld.RefusedAsync(code, async () => await CompleteAsync(StateOf(await StartAsync("campaigns"))));

        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Fact]
    public async Task Connecting_again_for_another_feature_asks_for_both_and_replaces_the_grant()
    {
        var first = await CompleteAsync(StateOf(await StartAsync("campaigns")));
        var again = await StartAsync("books");
        var scopes = HttpUtility.ParseQueryString(new Uri(again.AuthorizeUrl).Query)["scope"]!.Split(',');
        Assert.Contains("ZohoCampaigns.contact.UPDATE", scopes);
        Assert.Contains("ZohoBooks.settings.READ", scopes);

        var second = await CompleteAsync(StateOf(again));

        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal(["campaigns", "books"], second.Features);
        // the replaced grant counts against Zoho's twenty until it is revoked
        var revocation = await Testing.Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(_world.Zoho.Revocations);
            },
            revocations => revocations.Count > 0);
        Assert.Contains("token=1000.fake-refresh-0001", Assert.Single(revocation).Path, StringComparison.Ordinal);
    }

    public static TheoryData<string, StartAuthorizationRequest> Wrong => new()
    {
        { "features", Request("hubspot_contacts") },
        { "features", Request("campaigns", "") },
        { "provider", Request(request => request.Provider = "") },
        { "features", Request(request => request.Provider = "hubspot") },
        { "data_centre", HubSpotRequest(request => request.DataCentre = "eu") },
        { "data_centre", Request(request => request.DataCentre = "mars") },
        { "owner", Request(request => request.Owner = new string('a', 255)) },
        { "owner", Request(request => request.Owner = "line\nbreak") },
        { "redirect_uri", Request(request => request.RedirectUri = "/callback") },
        { "redirect_uri", Request(request => request.RedirectUri = "http://app.example.com/callback") },
        { "redirect_uri", Request(request => request.RedirectUri = "javascript:alert(1)") },
        { "browser_sha256", Request(request => request.BrowserSha256 = new string('a', 63)) },
        { "browser_sha256", Request(request => request.BrowserSha256 = new string('A', 64)) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_with_a_start_is_named(string field, StartAuthorizationRequest request)
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", async () =>
            await _world.Host.Connections.StartAuthorizationAsync(request, _world.Admin));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task Without_a_client_there_is_nothing_to_start()
    {
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);

        await TokenWorld.RefusedAsync("client_not_configured", async () =>
            await _world.Host.Connections.StartAuthorizationAsync(Request("campaigns"), theirs));
    }

    [Fact]
    public async Task Only_an_admin_starts_and_only_a_service_completes()
    {
        var op = _world.Host.TicketOf(_world.Tenant, Role.Operator);
        await TokenWorld.RefusedAsync(
            "role_missing", async () => await _world.Host.Connections.StartAuthorizationAsync(Request("campaigns"), op));
        var state = StateOf(await StartAsync("campaigns"));
        await TokenWorld.RefusedAsync("role_missing", async () => await _world.Host.Connections.CompleteAuthorizationAsync(
            new() { State = state, Code = "1000.fake.code", BrowserSha256 = Browser }, _world.Admin));
    }

    [Fact]
    public async Task A_tenants_connections_are_bounded_and_a_grant_that_comes_too_late_is_taken_back()
    {
        await _world.ConnectAsync("ada");
        var late = StateOf(await StartAsync("campaigns", owner: "late"));
        await _world.SqlAsync(
            $$"""
            INSERT INTO connections
            SELECT (jsonb_populate_record(known, jsonb_build_object('id', gen_random_uuid(), 'owner', 'owner-' || n, 'grant_sha256', repeat(md5(n::text), 2)))).*
            FROM connections known, generate_series(2, {{ConnectionBounds.MostConnections}}) n
            """);

        await TokenWorld.RefusedAsync("too_many_connections", () => CompleteAsync(late));
        var asked = _world.Zoho.TokenRequests.Count;
        await TokenWorld.RefusedAsync("too_many_connections", () => StartAsync("campaigns", owner: "new"));
        await TokenWorld.RefusedAsync("too_many_connections", () => _world.ConnectAsync("new", "1000.fake-refresh-of-another"));

        Assert.Equal(asked, _world.Zoho.TokenRequests.Count);
        Assert.Equal((long)ConnectionBounds.MostConnections, await _world.SqlAsync("SELECT count(*) FROM connections"));
        Assert.InRange((long)(await _world.SqlAsync("SELECT count(*) FROM revocations"))! + _world.Zoho.Revocations.Count, 1, 2);
        // one that is there is made anew
        Assert.Equal("ada", (await _world.ConnectAsync("ada")).Owner);
        await StartAsync("campaigns", owner: "ada");
    }

    [Fact]
    public async Task Sign_ins_under_way_are_bounded_until_they_expire()
    {
        await StartAsync("campaigns");
        await _world.SqlAsync(
            $$"""
            INSERT INTO authorizations
            SELECT (jsonb_populate_record(known, jsonb_build_object('id', gen_random_uuid()))).*
            FROM authorizations known, generate_series(2, {{ConnectionBounds.MostPending}}) n
            """);

        var refused = await TokenWorld.RefusedAsync("too_many_authorizations", () => StartAsync("campaigns"));
        _world.Clock.Advance(AuthorizationRow.Life + TimeSpan.FromSeconds(1));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        await StartAsync("campaigns");
    }

    private Metadata Nobody => _world.Host.TicketOf(TenantId.None, Role.Service);

    private static StartAuthorizationRequest Request(params string[] features) => new()
    {
        Provider = "zoho",
        Features = { features },
        RedirectUri = RedirectUri,
        BrowserSha256 = Browser,
    };

    private static StartAuthorizationRequest Request(Action<StartAuthorizationRequest> change)
    {
        var request = Request("campaigns");
        change(request);
        return request;
    }

    private static StartAuthorizationRequest HubSpotRequest(Action<StartAuthorizationRequest> change)
    {
        var request = Request("hubspot_contacts");
        request.Provider = "hubspot";
        change(request);
        return request;
    }

    private static string StateOf(StartAuthorizationResponse started) => StateOf(started.AuthorizeUrl);

    private static string StateOf(string page) => HttpUtility.ParseQueryString(new Uri(page).Query)["state"]!;

    private async Task<OpenAuthorizationResponse> OpenAsync(string id) =>
        await _world.Host.Connections.OpenAuthorizationAsync(new() { Id = id, BrowserSha256 = Browser }, _world.Admin);

    private async Task<Authorization> GetAsync(string id) =>
        await _world.Host.Connections.GetAuthorizationAsync(new() { Id = id }, _world.Admin);

    private async Task<StartAuthorizationResponse> StartAsync(
        string feature, string dataCentre = "", string owner = "", string? browser = null, params string[] extraScopes) =>
        await _world.Host.Connections.StartAuthorizationAsync(
            Request(request =>
            {
                request.Features.Clear();
                request.Features.Add(feature);
                request.DataCentre = dataCentre;
                request.Owner = owner;
                request.BrowserSha256 = browser ?? Browser;
                request.ExtraScopes.AddRange(extraScopes);
            }),
            _world.Admin);

    private async Task<Connection> CompleteAsync(string state, string location = "", string server = "", string? browser = null) =>
        (await _world.Host.Connections.CompleteAuthorizationAsync(
            new()
            {
                State = state,
                Code = "1000.fake.code",
                Location = location,
                AccountsServer = server,
                BrowserSha256 = browser ?? Browser
            },
            Nobody)).Connection;
}
