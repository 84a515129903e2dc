using System.Net;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Connections;

public sealed class ConnectionsTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_list_opens_no_seal()
    {
        var connection = await _world.ConnectAsync();
        // whatever opens one of these fails
        await _world.SqlAsync("UPDATE client_secrets SET secret_sealed = 'broken'");
        await _world.SqlAsync("UPDATE connections SET refresh_token_sealed = 'broken'");

        Assert.Equal(connection.Id, Assert.Single((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections).Id);
        await Assert.ThrowsAnyAsync<RpcException>(async () => await _world.Host.Settings.GetSettingsAsync(new() { Provider = "zoho" }, _world.Viewer));
    }

    [Fact]
    public async Task A_refresh_token_is_tried_before_it_is_stored()
    {
        var connection = await _world.ConnectAsync("office@example.com");

        Assert.Equal("office@example.com", connection.Owner);
        Assert.Equal("us", connection.DataCentre);
        Assert.Equal(TokenWorld.Sha256(TokenWorld.RefreshToken)[..8], connection.Fingerprint);
        Assert.Equal(TokenWorld.RefreshToken, Assert.Single(_world.Zoho.Refreshes).Form["refresh_token"]);
    }

    [Fact]
    public async Task A_grant_code_of_a_self_client_connects()
    {
        var connection = await _world.Host.Connections.CreateConnectionAsync(
            new() { Provider = "zoho", Features = { "campaigns" }, DataCentre = "eu", GrantCode = "1000.fake.code" },
            _world.Admin);

        Assert.Equal("company", connection.Owner);
        var exchange = Assert.Single(_world.Zoho.TokenRequests);
        Assert.Equal("accounts.zoho.eu", exchange.Host);
        Assert.Equal("1000.fake.code", exchange.Form["code"]);
        Assert.False(exchange.Form.ContainsKey("redirect_uri"));
    }

    [Fact]
    public async Task A_wrong_refresh_token_is_no_connection()
    {
        _world.Zoho.Refuses("""{"error":"invalid_code"}""");

        await TokenWorld.RefusedAsync("refresh_token_invalid", () => _world.ConnectAsync());

        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Theory]
    [InlineData("invalid_client")]
    [InlineData("invalid_code")]
    public async Task A_refresh_token_of_another_data_centre_is_told_where_it_belongs(string error)
    {
        _world.Zoho.Instead = request => request.Host == "accounts.zoho.eu" ? null : PlayedZoho.Answer($"{{\"error\":\"{error}\"}}");

        var refused = await TokenWorld.RefusedAsync("wrong_data_centre", () => _world.ConnectAsync());

        Assert.Contains("eu", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections);
    }

    [Fact]
    public async Task With_the_provider_down_nothing_is_connected_and_nobody_is_blamed()
    {
        _world.Zoho.Refuses("<html>", HttpStatusCode.BadGateway);

        var refused = await TokenWorld.RefusedAsync("zoho_accounts_unavailable", () => _world.ConnectAsync());

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Single(_world.Zoho.Requests);
    }

    [Fact]
    public async Task Trying_one_refresh_token_again_and_again_keeps_within_zohos_budget()
    {
        _world.Zoho.Refuses("<html>", HttpStatusCode.BadGateway);
        foreach (var _ in Enumerable.Range(0, 10))
        {
            await TokenWorld.RefusedAsync("zoho_accounts_unavailable", () => _world.ConnectAsync());
        }

        await TokenWorld.RefusedAsync("refresh_budget_spent", () => _world.ConnectAsync());

        Assert.Equal(10, _world.Zoho.Requests.Count);
    }

    [Fact]
    public async Task The_same_refresh_token_again_revokes_nothing()
    {
        var first = await _world.ConnectAsync();
        var second = await _world.ConnectAsync(features: "books");

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(["campaigns", "books"], second.Features);
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM revocations"));
    }

    [Fact]
    public async Task What_a_grant_lacks_for_its_features_is_listed()
    {
        _world.Zoho.Scopes = "ZohoCampaigns.contact.READ ZohoCampaigns.campaign.ALL ZohoBooks.fullaccess.all";

        var connection = await _world.ConnectAsync(features: ["campaigns", "books"]);

        Assert.Equal(["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.CREATE"], connection.MissingScopes);
        var tested = await TestAsync(connection.Id);
        // it is used for what it can do
        Assert.Equal((true, "scopes_missing"), (tested.Ok, tested.Code));
        Assert.Contains("ZohoCampaigns.contact.UPDATE", tested.Message, StringComparison.Ordinal);
        Assert.Contains("connect again with campaigns, books", tested.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await _world.TokenAsync(connection.Id)).AccessToken);
        Assert.Equal(
            ["client Ok", "account Ok", "data_centre Ok", "scopes Warning"], tested.Findings.Select(finding => $"{finding.Name} {finding.Status}"));
    }

    /// <summary>Each is found while the token at hand would work for another hour, and its fix makes the finding go.</summary>
    [Fact]
    public async Task A_test_finds_what_is_wrong_with_the_settings_until_it_is_mended()
    {
        var connection = await _world.ConnectAsync();
        var token = await _world.TokenAsync(connection.Id);

        _world.Zoho.Refuses("""{"error":"invalid_client_secret"}""");
        await FoundAsync("client", "client_secret_refused");
        Assert.Equal(ConnectionState.Misconfigured, (await ResolveAsync("campaigns")).State);
        // what is there works on
        Assert.Equal(token.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);
        _world.Zoho.Instead = _ => null;
        await SetAsync(new() { Provider = "zoho", ClientSecrets = { [""] = $"{TokenWorld.ClientSecret}-2" } });
        await MendedAsync();

        // mended at Zoho's console, of which nobody is told here
        _world.Zoho.Refuses("""{"error":"invalid_client"}""");
        await FoundAsync("client", "client_refused");
        _world.Zoho.Instead = _ => null;
        await MendedAsync();

        _world.Clock.Advance(TimeSpan.FromMinutes(11));
        await SetAsync(new() { Provider = "zoho", ClientId = "1000.FAKEOTHER" });
        await FoundAsync("client", "client_changed");
        await SetAsync(new() { Provider = "zoho", ClientId = TokenWorld.ClientId });
        await MendedAsync();

        await SetAsync(new() { Provider = "zoho", ApiDomain = "https://www.zohoapis.eu" });
        Assert.Contains("https://www.zohoapis.com", await FoundAsync("data_centre", "api_domain_elsewhere"), StringComparison.Ordinal);
        await SetAsync(new() { Provider = "zoho", ApiDomain = "" });
        await MendedAsync();

        await SetAsync(new() { Provider = "zoho", Enabled = false });
        await FoundAsync("account", "integration_disabled");
        await SetAsync(new() { Provider = "zoho", Enabled = true });
        await MendedAsync();

        async Task<string> FoundAsync(string name, string code)
        {
            var tested = await TestAsync(connection.Id);
            var failed = Assert.Single(tested.Findings, finding => finding.Status is FindingStatus.Failed);
            Assert.Equal((false, code, name, code, tested.Message), (tested.Ok, tested.Code, failed.Name, failed.Code, failed.Message));
            return failed.Message;
        }

        async Task MendedAsync()
        {
            var tested = await TestAsync(connection.Id);
            Assert.True(tested.Ok, tested.Message);
        }

        async Task SetAsync(UpdateSettingsRequest change) => await _world.Host.Settings.UpdateSettingsAsync(change, _world.Admin);
    }

    [Fact]
    public async Task A_test_leaves_half_of_the_budget_to_work_and_says_what_it_did_not_look_at()
    {
        var connection = await _world.ConnectAsync();
        for (var i = 0; i < 6; i++)
        {
            await TestAsync(connection.Id);
        }

        var tested = await TestAsync(connection.Id);

        Assert.Equal(5, _world.Zoho.Refreshes.Count);
        Assert.Equal((true, "client_not_tried"), (tested.Ok, tested.Code));
        Assert.Contains("not tried", tested.Message, StringComparison.Ordinal);
        Assert.Equal(FindingStatus.NotLooked, tested.Findings[0].Status);
    }

    [Fact]
    public async Task While_the_integration_is_switched_off_no_token_is_handed_out_by_any_replica()
    {
        var other = await _world.StartHostAsync();
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id, other);

        await EnableAsync(false);
        await TokenWorld.RefusedAsync("integration_disabled", () => _world.TokenAsync(connection.Id));
        await TokenWorld.RefusedAsync("integration_disabled", () => ResolveAsync("campaigns"));
        await Eventually.GetAsync(
            async () => await Record.ExceptionAsync(() => _world.TokenAsync(connection.Id, other)),
            refused => refused is RpcException { StatusCode: StatusCode.FailedPrecondition });

        Assert.True((await EnableAsync(true)).Enabled);
        await _world.TokenAsync(connection.Id);
        await _world.TokenAsync(connection.Id, other);
        // only the connect: nothing was asked of Zoho meanwhile, and the token that was there is used on
        Assert.Single(_world.Zoho.Refreshes);

        async Task<IntegrationSettings> EnableAsync(bool enabled) =>
            await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", Enabled = enabled }, _world.Admin);
    }

    [Fact]
    public async Task One_that_is_in_use_is_deleted_only_by_who_knows_what_stops()
    {
        var first = await _world.ConnectAsync(owner: "a", features: ["campaigns", "books"]);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await _world.ConnectAsync("b", "1000.fake.grant.b", "campaigns", "crm");
        Assert.Equal(["campaigns", "books"], first.Serves);
        Assert.Equal(["crm"], second.Serves);
        Assert.Equal("owner@example.com", second.AccountName);

        var refused = await TokenWorld.RefusedAsync(
            "connection_in_use", async () => await _world.Host.Connections.DeleteConnectionAsync(new() { Id = first.Id }, _world.Admin));

        Assert.Contains("campaigns (registrations, syncs, lists and reports)", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("books", refused.Status.Detail, StringComparison.Ordinal);
        await _world.TokenAsync(first.Id);
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", FeatureConnections = { ["campaigns"] = second.Id, ["books"] = "" } }, _world.Admin);
        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = first.Id }, _world.Admin);
        Assert.Equal(second.Id, (await ResolveAsync("campaigns")).Id);
    }

    [Fact]
    public async Task A_feature_is_served_by_the_first_connection_that_was_made_for_it_whatever_its_state()
    {
        await TokenWorld.RefusedAsync("not_connected", () => ResolveAsync("campaigns"));
        var older = await _world.ConnectAsync("a", "1000.fake.grant.a");
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _world.ConnectAsync("b", "1000.fake.grant.b");
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _world.ConnectAsync("c", "1000.fake.grant.c", "books");

        Assert.Equal(older.Id, (await ResolveAsync("campaigns")).Id);
        // behind the service's back: what is in memory is believed for thirty seconds
        await _world.SqlAsync($"UPDATE connections SET state = 2 WHERE id = '{older.Id}'");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(older.Id, (await ResolveAsync("campaigns")).Id);
        Assert.Equal("c", (await ResolveAsync("books")).Owner);
    }

    [Fact]
    public async Task Crm_is_served_only_where_it_is_switched_on()
    {
        await _world.ConnectAsync(features: "crm");
        await TokenWorld.RefusedAsync("crm_disabled", () => ResolveAsync("crm"));

        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", CrmEnabled = true }, _world.Admin);

        await ResolveAsync("crm");
    }

    [Fact]
    public async Task A_test_says_whose_the_connection_is()
    {
        var tested = await TestAsync((await _world.ConnectAsync()).Id);

        Assert.True(tested.Ok, tested.Message);
        Assert.Contains("owner@example.com", tested.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_without_access_to_the_profile_is_decided_by_a_new_token()
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.Instead = request => request.Path == "/oauth/user/info" ? PlayedZoho.Answer("{}", HttpStatusCode.Unauthorized) : null;

        var tested = await TestAsync(connection.Id);

        Assert.True(tested.Ok, tested.Message);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_test_with_the_provider_down_says_so()
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.Instead = _ => PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway);

        var tested = await TestAsync(connection.Id);

        Assert.False(tested.Ok);
        Assert.Equal("zoho_accounts_unavailable", tested.Code);
    }

    [Fact]
    public async Task A_deleted_connection_is_revoked_and_no_longer_handed_out()
    {
        var connection = await _world.ConnectWithCodeAsync();
        await _world.TokenAsync(connection.Id);

        var deleted = await DeleteAsync(connection.Id);

        Assert.True(deleted.RevokedAtProvider);
        Assert.Contains(
            Uri.EscapeDataString(_world.Zoho.LastRefreshToken), Assert.Single(_world.Zoho.Revocations).Path, StringComparison.Ordinal);
        await TokenWorld.RefusedAsync("connection_not_found", () => _world.TokenAsync(connection.Id));
        Assert.Equal(0L, await _world.SqlAsync("SELECT (SELECT count(*) FROM revocations) + (SELECT count(*) FROM revocation_queue)"));
    }

    [Fact]
    public async Task With_the_provider_down_a_deletion_is_told_later()
    {
        var connection = await _world.ConnectWithCodeAsync();
        _world.Zoho.Instead = _ => PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway);

        Assert.False((await DeleteAsync(connection.Id)).RevokedAtProvider);
        await TokenWorld.RefusedAsync("connection_not_found", () => _world.TokenAsync(connection.Id));

        _world.Zoho.Instead = _ => null;
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
                return _world.SqlAsync("SELECT (SELECT count(*) FROM revocations) + (SELECT count(*) FROM revocation_queue)");
            },
            left => left is 0L);
        Assert.True(_world.Zoho.Revocations.Count >= 2);
    }

    [Fact]
    public async Task A_grant_that_serves_another_connection_too_is_not_revoked()
    {
        var one = await _world.ConnectWithCodeAsync("a");
        var other = await _world.ConnectAsync("b", _world.Zoho.LastRefreshToken);

        Assert.False((await DeleteAsync(one.Id)).RevokedAtProvider);

        Assert.Empty(_world.Zoho.Revocations);
        await _world.TokenAsync(other.Id);
    }

    [Fact]
    public async Task A_refresh_token_that_was_brought_along_is_never_revoked_whoever_else_uses_it()
    {
        var brought = await _world.ConnectAsync();
        var otherAdmin = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);
        await _world.Host.Settings.UpdateSettingsAsync(
            new() { Provider = "zoho", ClientId = TokenWorld.ClientId, ClientSecrets = { [""] = TokenWorld.ClientSecret } }, otherAdmin);
        var theirs = await _world.Host.Connections.CreateConnectionAsync(
            new() { Provider = "zoho", Features = { "campaigns" }, RefreshToken = TokenWorld.RefreshToken }, otherAdmin);
        Assert.True(brought.BroughtAlong && theirs.BroughtAlong);

        // replaced by one that is its own, which is revoked with it
        var own = await _world.ConnectWithCodeAsync();
        Assert.Equal((brought.Id, false), (own.Id, own.BroughtAlong));
        Assert.False((await _world.ConnectAsync(refreshToken: _world.Zoho.LastRefreshToken)).BroughtAlong);
        Assert.True((await DeleteAsync(own.Id)).RevokedAtProvider);
        var again = await _world.ConnectAsync();
        Assert.False((await DeleteAsync(again.Id)).RevokedAtProvider);

        Assert.Equal(0L, await _world.SqlAsync("SELECT (SELECT count(*) FROM revocations) + (SELECT count(*) FROM revocation_queue)"));
        Assert.Contains(
            Uri.EscapeDataString(_world.Zoho.LastRefreshToken), Assert.Single(_world.Zoho.Revocations).Path, StringComparison.Ordinal);
        _world.ExpireTokens();
        await _world.Host.Tokens.GetAccessTokenAsync(
            new() { ConnectionId = theirs.Id, Purpose = "test" }, _world.Host.TicketOf(_world.OtherTenant, Role.Service));
    }

    [Fact]
    public async Task A_grant_from_elsewhere_is_for_what_its_scopes_allow_and_chosen_for_nothing_else()
    {
        _world.Zoho.Scopes = "ZohoCRM.modules.leads.ALL ZohoCRM.modules.contacts.ALL Desk.tickets.READ";

        var followed = await ImportAsync();
        Assert.Equal(["crm"], followed.Features);
        Assert.Equal(["crm"], followed.Serves);
        Assert.Contains("ZohoCRM.modules.notes.ALL", followed.MissingScopes);
        await TokenWorld.RefusedAsync(
            "not_connected", async () => await _world.Host.Connections.ResolveConnectionAsync(new() { Feature = "campaigns" }, _world.Viewer));
        // who asks for a feature gets a finding, and no connection that cannot serve it
        var asked = await ImportAsync("ada", "campaigns");
        Assert.Equal(["campaigns"], asked.Features);
        Assert.NotEmpty(asked.MissingScopes);
        Assert.Empty(asked.Serves);

        // a new consent covers what the old grant covered, named here or not
        var started = await _world.Host.Connections.StartAuthorizationAsync(
            new() { Provider = "zoho", Features = { "campaigns" }, RedirectUri = "https://app.example/callback" }, _world.Admin);
        var consent = await _world.Host.Connections.GetAuthorizationAsync(new() { Id = started.Id }, _world.Admin);
        Assert.Equal(["campaigns", "crm"], consent.Features);
        Assert.Superset(
            new HashSet<string> { "ZohoCampaigns.contact.READ", "ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.contacts.ALL", "Desk.tickets.READ" },
            consent.Scopes.ToHashSet());
    }

    [Fact]
    public async Task Where_zoho_does_not_name_scopes_a_grant_is_for_campaigns_and_for_what_is_switched_on()
    {
        Assert.Equal(["campaigns"], (await ImportAsync()).Features);
        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", CrmEnabled = true }, _world.Admin);
        Assert.Equal(["campaigns", "crm"], (await ImportAsync("ada")).Features);
    }

    [Fact]
    public async Task What_is_done_to_a_connection_is_audited()
    {
        var connection = await _world.ConnectWithCodeAsync();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _world.ConnectWithCodeAsync();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await DeleteAsync(connection.Id);

        // the replaced one by the worker, the deleted one at once
        await Eventually.GetAsync(
            () => _world.SqlAsync($"SELECT count(*) FROM {TokenWorld.Audit} WHERE action = 'grant.revoked' AND details->>'outcome' = 'Revoked'"),
            revoked => revoked is 2L);
        Assert.Equal(
            "connection.created connection.replaced connection.deleted",
            await _world.SqlAsync($"SELECT string_agg(action, ' ' ORDER BY id) FILTER (WHERE action <> 'grant.revoked') "
                + $"FROM {TokenWorld.Audit} WHERE subject = 'connection:{connection.Id}'"));
    }

    [Fact]
    public async Task Another_tenants_connection_is_not_there()
    {
        var id = (await _world.ConnectAsync()).Id;
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);
        var connections = _world.Host.Connections;

        Assert.Empty((await connections.ListConnectionsAsync(new(), theirs)).Connections);
        await TokenWorld.RefusedAsync(
            "not_connected", async () => await connections.ResolveConnectionAsync(new() { Feature = "campaigns" }, theirs));
        foreach (var call in (Func<Task>[])
            [
                async () => await connections.GetConnectionAsync(new() { Id = id }, theirs),
                async () => await connections.TestConnectionAsync(new() { Id = id }, theirs),
                async () => await connections.DeleteConnectionAsync(new() { Id = id }, theirs),
            ])
        {
            Assert.Equal(StatusCode.NotFound, (await TokenWorld.RefusedAsync("connection_not_found", call)).StatusCode);
        }

        Assert.Empty(_world.Zoho.Revocations);
        await _world.TokenAsync(id);
    }

    [Fact]
    public async Task Each_call_asks_for_its_role()
    {
        var id = (await _world.ConnectAsync()).Id;
        var (viewer, op) = (_world.Viewer, _world.Host.TicketOf(_world.Tenant, Role.Operator));
        var connections = _world.Host.Connections;

        await connections.GetConnectionAsync(new() { Id = id }, viewer);
        await TokenWorld.RefusedAsync("role_missing", async () => await connections.TestConnectionAsync(new() { Id = id }, viewer));
        await connections.TestConnectionAsync(new() { Id = id }, op);
        await TokenWorld.RefusedAsync("role_missing", async () => await connections.DeleteConnectionAsync(new() { Id = id }, op));
        await TokenWorld.RefusedAsync("role_missing", async () => await connections.CreateConnectionAsync(new(), op));
    }

    public static TheoryData<string, CreateConnectionRequest> Wrong => new()
    {
        { "grant_code", Request(_ => { }) },
        { "grant_code", Request(request => request.GrantCode = "") },
        { "refresh_token", Request(request => request.RefreshToken = "has a space") },
        { "refresh_token", Request(request => request.RefreshToken = new string('1', 501)) },
        { "features", Request(request => request.Features.Add("hubspot_contacts")) },
        { "data_centre", Request(request => request.DataCentre = "mars") },
        { "owner", Request(request => request.Owner = " padded ") },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_with_a_connect_is_named(string field, CreateConnectionRequest request)
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", async () =>
            await _world.Host.Connections.CreateConnectionAsync(request, _world.Admin));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        Assert.Empty(_world.Zoho.Requests);
    }

    [Fact]
    public async Task A_connection_of_a_former_client_says_so()
    {
        var connection = await _world.ConnectAsync();
        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", ClientId = "1000.FAKEOTHER" }, _world.Admin);
        _world.ExpireTokens();

        await TokenWorld.RefusedAsync("client_changed", () => _world.TokenAsync(connection.Id));
    }

    private static CreateConnectionRequest Request(Action<CreateConnectionRequest> change)
    {
        var request = new CreateConnectionRequest { Provider = "zoho", Features = { "campaigns" } };
        change(request);
        return request;
    }

    private async Task<Connection> ImportAsync(string owner = "", params string[] features) => await _world.Host.Connections.CreateConnectionAsync(
        Request(request =>
        {
            request.Features.Clear();
            request.Features.Add(features);
            request.Owner = owner;
            request.RefreshToken = TokenWorld.RefreshToken;
        }),
        _world.Admin);

    private async Task<DeleteConnectionResponse> DeleteAsync(string id) =>
        await _world.Host.Connections.DeleteConnectionAsync(new() { Id = id, EvenIfInUse = true }, _world.Admin);

    private async Task<Connection> ResolveAsync(string feature) =>
        await _world.Host.Connections.ResolveConnectionAsync(new() { Feature = feature }, _world.Viewer);

    private async Task<TestConnectionResponse> TestAsync(string id) => await _world.Host.Connections.TestConnectionAsync(
        new() { Id = id }, _world.Host.TicketOf(_world.Tenant, Role.Operator));
}
