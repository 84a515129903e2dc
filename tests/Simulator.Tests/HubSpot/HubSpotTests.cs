using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ZohoPlatform.Simulator.Tests.HubSpot;

public sealed class HubSpotTests : IDisposable
{
    private const string Api = "/api.hubapi.com";
    private const string ClientId = "fake-hubspot-client";
    private const string Secret = "fake-hubspot-secret";
    private const string DemoRefreshToken = "fake-hubspot-refresh";
    private const string RedirectUri = "http://127.0.0.1:8080/api/v1/crm/hubspot/callback";
    private const string Scopes = "crm.objects.contacts.read crm.objects.contacts.write oauth";

    private readonly SimulatorHost _hubSpot = new();

    public static TheoryData<string> Generations => ["v1", "v3", "2026-03"];

    [Fact]
    public async Task The_page_says_who_asks_for_what_and_offers_every_portal()
    {
        using var response = await AskAsync();

        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("this is not HubSpot", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Zoho Accounts", page, StringComparison.Ordinal);
        foreach (var told in new[] { "add, change and delete contacts", "24000001", "147000001", "value=\"accept\"", "value=\"reject\"", "s t&amp;1" })
        {
            Assert.Contains(told, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("client_id", "another")]
    [InlineData("redirect_uri", "http://127.0.0.1:9/elsewhere")]
    [InlineData("scope", "crm.everything")]
    [InlineData("scope", "")]
    public async Task What_is_wrong_with_the_request_never_leaves_hubspot(string name, string value)
    {
        using var response = await AskAsync((name, value));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("<form", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_gives_tokens_of_the_chosen_portal_once()
    {
        var callback = await DecideAsync("accept");
        Assert.Equal("s t&1", callback["state"].ToString());

        using var first = await ExchangeAsync(callback["code"].ToString());
        using var second = await ExchangeAsync(callback["code"].ToString());

        var tokens = await SimulatorHost.JsonAsync(first);
        Assert.Equal(147_000_001, tokens.GetProperty("hub_id").GetInt64());
        Assert.Equal(1800, tokens.GetProperty("expires_in").GetInt32());
        Assert.Equal(3, tokens.GetProperty("scopes").GetArrayLength());
        Assert.True(tokens.GetProperty("access_token").GetString()!.Length > 300);
        await AssertRefusedAsync(second, "BAD_AUTH_CODE");
    }

    [Fact]
    public async Task A_refusal_leads_back_with_access_denied()
    {
        var callback = await DecideAsync("reject");

        Assert.Equal("access_denied", callback["error"].ToString());
        Assert.False(StringValues.IsNullOrEmpty(callback["error_description"]));
        Assert.False(callback.ContainsKey("code"));
    }

    [Fact]
    public async Task A_code_needs_the_redirect_uri_it_was_sent_to_and_ends_after_ten_minutes()
    {
        await _hubSpot.FreezeAsync();
        var code = (await DecideAsync("accept"))["code"].ToString();
        using var elsewhere = await ExchangeAsync(code, "http://127.0.0.1:9/elsewhere");
        await _hubSpot.AdvanceAsync(TimeSpan.FromMinutes(10));
        using var late = await ExchangeAsync(code);

        await AssertRefusedAsync(elsewhere, "BAD_REDIRECT_URI");
        await AssertRefusedAsync(late, "BAD_AUTH_CODE");
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Every_generation_refreshes_and_gives_the_same_refresh_token_back(string generation)
    {
        using var response = await RefreshAsync(generation: generation);

        var tokens = await SimulatorHost.JsonAsync(response);
        Assert.Equal(("bearer", DemoRefreshToken), (tokens.GetProperty("token_type").GetString(), tokens.GetProperty("refresh_token").GetString()));
        Assert.Equal(generation != "v1", tokens.TryGetProperty("hub_id", out _));
        Assert.Equal(1, await _hubSpot.CallsAsync("hubspot.token.refresh_token", "success"));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Refusals_are_400_with_a_status(string generation)
    {
        using var client = await RefreshAsync(generation: generation, clientId: "another");
        using var secret = await RefreshAsync(generation: generation, secret: "another");
        using var token = await RefreshAsync("another", generation);
        using var nothing = await _hubSpot.PostFormAsync($"{Api}/oauth/{generation}/token", ("client_id", ClientId), ("client_secret", Secret));

        await AssertRefusedAsync(client, "BAD_CLIENT_ID");
        await AssertRefusedAsync(secret, "BAD_CLIENT_SECRET");
        await AssertRefusedAsync(token, "BAD_REFRESH_TOKEN");
        await AssertRefusedAsync(nothing, "BAD_GRANT_TYPE");
    }

    [Theory]
    [InlineData("v1", HttpStatusCode.OK)]
    [InlineData("2026-03", HttpStatusCode.BadRequest)]
    public async Task Only_the_oldest_generation_reads_the_address(string generation, HttpStatusCode expected)
    {
        var address = QueryHelpers.AddQueryString($"{Api}/oauth/{generation}/token", new Dictionary<string, string?>
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = ClientId,
            ["client_secret"] = Secret,
            ["refresh_token"] = DemoRefreshToken,
        });
        using var response = await _hubSpot.PostFormAsync(address);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_refresh_token_may_be_another_one_each_time_and_the_old_one_is_dead()
    {
        await _hubSpot.SetAsync(new { hubspot_rotates_refresh_tokens = true });

        using var first = await RefreshAsync();
        using var old = await RefreshAsync();
        using var next = await RefreshAsync((await SimulatorHost.JsonAsync(first)).GetProperty("refresh_token").GetString());

        await AssertRefusedAsync(old, "BAD_REFRESH_TOKEN");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task An_access_token_opens_its_portal_for_thirty_minutes()
    {
        await _hubSpot.FreezeAsync();
        var access = await AccessTokenAsync();

        using var good = await AccountAsync(access);
        using var wrong = await AccountAsync("another");
        await _hubSpot.AdvanceAsync(TimeSpan.FromMinutes(30));
        using var late = await AccountAsync(access);

        Assert.Equal(24_000_001, (await SimulatorHost.JsonAsync(good)).GetProperty("portalId").GetInt64());
        Assert.Equal("INVALID_AUTHENTICATION", (await SimulatorHost.JsonAsync(wrong)).GetProperty("category").GetString());
        Assert.Equal("EXPIRED_AUTHENTICATION", (await SimulatorHost.JsonAsync(late)).GetProperty("category").GetString());
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, late.StatusCode));
        var introspected = await IntrospectAsync(access);
        Assert.False(introspected.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task Every_generation_tells_whose_a_token_is()
    {
        var access = await AccessTokenAsync();

        var latest = await IntrospectAsync(access);
        var v3 = await IntrospectAsync(access, "v3/introspect");
        using var v1 = await _hubSpot.Http.GetAsync($"{Api}/oauth/v1/access-tokens/{access}");
        using var refresh = await _hubSpot.Http.GetAsync($"{Api}/oauth/v1/refresh-tokens/{DemoRefreshToken}");
        using var unknown = await _hubSpot.Http.GetAsync($"{Api}/oauth/v1/access-tokens/another");

        Assert.True(latest.GetProperty("active").GetBoolean());
        foreach (var told in new[] { latest, v3, await SimulatorHost.JsonAsync(v1), await SimulatorHost.JsonAsync(refresh) })
        {
            Assert.Equal((24_000_001, "ada.na1@demo.example"), (told.GetProperty("hub_id").GetInt64(), told.GetProperty("user").GetString()));
        }

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task A_revoked_refresh_token_is_dead_and_its_access_tokens_live_on()
    {
        var access = await AccessTokenAsync();

        using var revoked = await RevokeAsync();
        using var again = await RevokeAsync();
        using var refreshed = await RefreshAsync();
        using var account = await AccountAsync(access);

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await AssertRefusedAsync(again, "BAD_REFRESH_TOKEN");
        await AssertRefusedAsync(refreshed, "BAD_REFRESH_TOKEN");
        Assert.Equal(HttpStatusCode.OK, account.StatusCode);
    }

    [Fact]
    public async Task The_older_revocation_needs_the_token_alone()
    {
        using var revoked = await _hubSpot.Http.DeleteAsync($"{Api}/oauth/v1/refresh-tokens/{DemoRefreshToken}");
        using var again = await _hubSpot.Http.DeleteAsync($"{Api}/oauth/v1/refresh-tokens/{DemoRefreshToken}");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (revoked.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task The_controls_mint_and_end_tokens_and_the_world_shows_the_app()
    {
        var minted = await _hubSpot.ControlAsync(HttpMethod.Post, "hubspot/refresh-tokens", new { hub_id = 147_000_001, scopes = new[] { "oauth" } });
        using var wrong = await _hubSpot.SendControlAsync(HttpMethod.Post, "hubspot/refresh-tokens", new { scopes = new[] { "everything" } });
        using var refreshed = await RefreshAsync(minted.GetProperty("refresh_token").GetString());
        var world = (await _hubSpot.ControlAsync(HttpMethod.Get, "world")).GetProperty("hubspot");
        var state = (await _hubSpot.ControlAsync(HttpMethod.Get, "state")).GetProperty("hubspot");
        var ended = await _hubSpot.ControlAsync(HttpMethod.Post, "hubspot/uninstall");
        using var after = await RefreshAsync();

        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(147_000_001, (await SimulatorHost.JsonAsync(refreshed)).GetProperty("hub_id").GetInt64());
        Assert.Equal((ClientId, DemoRefreshToken), (world.GetProperty("client_id").GetString(), world.GetProperty("refresh_token").GetString()));
        Assert.Equal(2, state.GetProperty("refresh_tokens").GetArrayLength());
        Assert.DoesNotContain(Secret, state.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, ended.GetProperty("killed").GetInt32());
        await AssertRefusedAsync(after, "BAD_REFRESH_TOKEN");
        await _hubSpot.ControlAsync(HttpMethod.Post, "reset");
        using var anew = await RefreshAsync();
        Assert.Equal(HttpStatusCode.OK, anew.StatusCode);
    }

    [Fact]
    public async Task Tokens_outlive_a_restart_and_a_file_from_before_hubspot_gets_the_demo_token()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "state.json");
        string minted, access;
        using (var before = new SimulatorHost(("Simulator:StateFile", file)))
        {
            minted = (await before.ControlAsync(HttpMethod.Post, "hubspot/refresh-tokens")).GetProperty("refresh_token").GetString()!;
            using var refreshed = await RefreshAsync(minted, host: before);
            access = (await SimulatorHost.JsonAsync(refreshed)).GetProperty("access_token").GetString()!;
            await before.StopAsync();
        }

        using (var kept = new SimulatorHost(("Simulator:StateFile", file)))
        {
            using var refreshed = await RefreshAsync(minted, host: kept);
            using var account = await AccountAsync(access, kept);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (refreshed.StatusCode, account.StatusCode));
            await kept.StopAsync();
        }

        var older = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(await File.ReadAllTextAsync(file))!;
        Assert.True(older.Remove("hubSpot"));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(older));
        using var upgraded = new SimulatorHost(("Simulator:StateFile", file));
        using var demo = await RefreshAsync(host: upgraded);
        using var gone = await RefreshAsync(minted, host: upgraded);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (demo.StatusCode, gone.StatusCode));
    }

    public void Dispose() => _hubSpot.Dispose();

    private static Dictionary<string, string?> Asked => new(StringComparer.Ordinal)
    {
        ["client_id"] = ClientId,
        ["redirect_uri"] = RedirectUri,
        ["scope"] = Scopes,
        ["state"] = "s t&1",
    };

    private async Task<HttpResponseMessage> AskAsync(params (string Name, string Value)[] instead)
    {
        var asked = Asked;
        foreach (var (name, value) in instead)
        {
            asked[name] = value;
        }

        return await _hubSpot.Http.GetAsync(QueryHelpers.AddQueryString("/app.hubspot.com/oauth/authorize", asked));
    }

    private async Task<Dictionary<string, StringValues>> DecideAsync(string decision)
    {
        using var answer = await _hubSpot.PostFormAsync(
            "/app-eu1.hubspot.com/oauth/approve",
            [.. Asked.Select(field => (field.Key, field.Value)), ("account", "147000001"), ("decision", decision)]);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith(RedirectUri, answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        return QueryHelpers.ParseQuery(answer.Headers.Location.Query);
    }

    private Task<HttpResponseMessage> ExchangeAsync(string code, string redirectUri = RedirectUri) => _hubSpot.PostFormAsync(
        $"{Api}/oauth/2026-03/token",
        ("grant_type", "authorization_code"), ("client_id", ClientId), ("client_secret", Secret), ("code", code), ("redirect_uri", redirectUri));

    private Task<HttpResponseMessage> RefreshAsync(
        string? refreshToken = DemoRefreshToken, string generation = "2026-03", string clientId = ClientId, string secret = Secret,
        SimulatorHost? host = null) => (host ?? _hubSpot).PostFormAsync(
            $"{Api}/oauth/{generation}/token",
            ("grant_type", "refresh_token"), ("client_id", clientId), ("client_secret", secret), ("refresh_token", refreshToken));

    private async Task<string> AccessTokenAsync()
    {
        using var response = await RefreshAsync();
        return (await SimulatorHost.JsonAsync(response)).GetProperty("access_token").GetString()!;
    }

    private async Task<HttpResponseMessage> AccountAsync(string access, SimulatorHost? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Api}/account-info/v3/details");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        return await (host ?? _hubSpot).Http.SendAsync(request);
    }

    private async Task<JsonElement> IntrospectAsync(string access, string path = "2026-03/token/introspect")
    {
        using var response = await _hubSpot.PostFormAsync(
            $"{Api}/oauth/{path}", ("client_id", ClientId), ("client_secret", Secret), ("token", access), ("token_type_hint", "access_token"));
        return await SimulatorHost.JsonAsync(response);
    }

    private Task<HttpResponseMessage> RevokeAsync() => _hubSpot.PostFormAsync(
        $"{Api}/oauth/2026-03/token/revoke",
        ("client_id", ClientId), ("client_secret", Secret), ("token", DemoRefreshToken), ("token_type_hint", "refresh_token"));

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string status)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(status, (await SimulatorHost.JsonAsync(response)).GetProperty("status").GetString());
    }
}
