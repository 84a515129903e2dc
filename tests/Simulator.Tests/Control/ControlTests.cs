using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Simulator.Tests.Control;

public sealed class ControlTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Theory]
    [InlineData("GET", "faults/7")]
    [InlineData("DELETE", "faults/7")]
    [InlineData("POST", "faults/7/release")]
    [InlineData("GET", "lists/us/3z00/contacts")]
    [InlineData("GET", "lists/eu/3z00/contacts")]
    public async Task What_is_not_there_is_404(string verb, string path)
    {
        using var response = await _zoho.SendControlAsync(new(verb), path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_clock_freezes_advances_and_goes_on_from_where_it_stood()
    {
        var frozen = (await _zoho.ControlAsync(HttpMethod.Post, "clock", new { frozen = true })).GetProperty("now").GetDateTimeOffset();
        await _zoho.AdvanceAsync(TimeSpan.FromHours(2));
        var advanced = await _zoho.ControlAsync(HttpMethod.Get, "clock");
        var resumed = await _zoho.ControlAsync(HttpMethod.Post, "clock", new { frozen = false });

        Assert.Equal(frozen.AddHours(2), advanced.GetProperty("now").GetDateTimeOffset());
        Assert.True(advanced.GetProperty("frozen").GetBoolean());
        Assert.False(resumed.GetProperty("frozen").GetBoolean());
        Assert.InRange(resumed.GetProperty("now").GetDateTimeOffset(), frozen.AddHours(2), frozen.AddHours(2).AddMinutes(1));
    }

    [Fact]
    public async Task The_world_lists_what_a_platform_needs_to_connect()
    {
        var world = await _zoho.ControlAsync(HttpMethod.Get, "world");

        Assert.Contains("fake", world.GetProperty("notice").GetString(), StringComparison.Ordinal);
        Assert.Equal(SimulatorHost.ClientId, world.GetProperty("client").GetProperty("client_id").GetString());
        var eu = world.GetProperty("data_centres").EnumerateArray().Single(dc => dc.GetProperty("code").GetString() == "eu");
        Assert.Equal("accounts.zoho.eu", eu.GetProperty("accounts_host").GetString());
        Assert.Equal("campaigns.zoho.eu", eu.GetProperty("campaigns_host").GetString());
        Assert.Equal(SimulatorHost.Secret("eu"), eu.GetProperty("client_secret").GetString());
        Assert.Equal(SimulatorHost.DemoRefreshToken("eu"), eu.GetProperty("refresh_token").GetString());
        Assert.Equal(SimulatorHost.ListKey, eu.GetProperty("list_key").GetString());
        Assert.Equal(JsonValueKind.Null, world.GetProperty("data_centres").EnumerateArray().Last().GetProperty("list_key").ValueKind);
    }

    [Fact]
    public async Task The_demo_world_can_be_configured()
    {
        using var zoho = new SimulatorHost(
            ("Simulator:Demo:ClientId", "1000.FAKEOTHER"), ("Simulator:Demo:Secrets:eu", "fakesecret-eu"),
            ("Simulator:Demo:RefreshTokens:eu", "1000.fake.mine"), ("Simulator:Demo:ListKey", "3z1234"), ("Simulator:Demo:ListName", "People"),
            ("Simulator:Demo:RedirectUris:0", "http://127.0.0.1:9/back"));

        using var refreshed = await zoho.RefreshAsync("1000.fake.mine", "eu", "fakesecret-eu", "1000.FAKEOTHER");
        var world = await zoho.ControlAsync(HttpMethod.Get, "world");

        Assert.Contains("access_token", await refreshed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:9/back", world.GetProperty("client").GetProperty("redirect_uris")[0].GetString());
        Assert.Equal(0, (await zoho.ContactsAsync("eu", "3z1234")).GetArrayLength());
    }

    [Theory]
    [InlineData("Simulator:Demo:ClientId", "demo", "Simulator:Demo:ClientId")]
    [InlineData("Simulator:Demo:ListKey", " ", "Simulator:Demo:ListKey")]
    [InlineData("Simulator:Demo:Secrets:mars", "fakesecret", "Simulator:Demo:Secrets:mars")]
    [InlineData("Simulator:Demo:RedirectUris:0", "callback", "Simulator:Demo:RedirectUris")]
    [InlineData("Simulator:Demo:Scopes", "ZohoCampaigns.everything", "Simulator:Demo:Scopes")]
    [InlineData("Simulator:Demo:Scopes", "", "Simulator:Demo:Scopes")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value, string named)
    {
        var stopped = Assert.Throws<OptionsValidationException>(() => new SimulatorHost((setting, value)));

        Assert.Contains(named, stopped.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("access", HttpStatusCode.Unauthorized, true)]
    [InlineData("refresh", HttpStatusCode.Unauthorized, false)]
    public async Task Tokens_of_a_data_centre_can_be_killed(string kind, HttpStatusCode use, bool refreshes)
    {
        var token = await _zoho.AccessTokenAsync();
        var ofEurope = await _zoho.AccessTokenAsync(dataCentre: "eu");

        var killed = await _zoho.ControlAsync(HttpMethod.Post, "tokens/kill", new { kind, data_centre = "us" });

        Assert.Equal(1, killed.GetProperty("killed").GetInt32());
        using var response = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", token, []);
        Assert.Equal(use, response.StatusCode);
        using var refreshed = await _zoho.RefreshAsync();
        Assert.Equal(refreshes, (await refreshed.Content.ReadAsStringAsync()).Contains("access_token", StringComparison.Ordinal));
        using var europe = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", ofEurope, [], "eu");
        Assert.Equal(HttpStatusCode.OK, europe.StatusCode);
    }

    [Fact]
    public async Task Calls_are_counted_by_operation_and_outcome_until_the_count_is_reset()
    {
        await _zoho.AccessTokenAsync();
        using var wrong = await _zoho.RefreshAsync("1000.fake.gone");
        using var unknown = await _zoho.Http.GetAsync("/api.example.com/x");

        Assert.Equal(1, await _zoho.CallsAsync("token.refresh_token", "success"));
        Assert.Equal(1, await _zoho.CallsAsync("token.refresh_token", "invalid_code"));
        Assert.Equal(3, (await _zoho.ControlAsync(HttpMethod.Get, "calls")).GetProperty("total").GetInt64());

        await _zoho.ControlAsync(HttpMethod.Post, "calls/reset");
        Assert.Equal(0, (await _zoho.ControlAsync(HttpMethod.Get, "calls")).GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task Reset_brings_back_the_first_day()
    {
        var token = await _zoho.AccessTokenAsync();
        using var subscribed = await _zoho.SubscribeAsync(token, """{"Contact Email":"ann@example.com"}""");
        await _zoho.SetAsync(new { code_seconds = 5 });
        await _zoho.AdvanceAsync(TimeSpan.FromDays(1));
        await _zoho.ControlAsync(HttpMethod.Post, "faults", new { kind = "html500" });
        await _zoho.ControlAsync(HttpMethod.Put, "down", new { mode = "unavailable" });
        await _zoho.ControlAsync(HttpMethod.Put, "quotas", new { method = "listsubscribe", lock_seconds = 5 });
        await _zoho.ControlAsync(HttpMethod.Post, "tokens/kill", new { kind = "refresh" });

        await _zoho.ControlAsync(HttpMethod.Post, "reset");

        Assert.NotEmpty(await _zoho.AccessTokenAsync());
        Assert.Equal(0, (await _zoho.ContactsAsync()).GetArrayLength());
        Assert.Equal(120, (await _zoho.ControlAsync(HttpMethod.Get, "settings")).GetProperty("code_seconds").GetInt32());
        Assert.Equal(0, (await _zoho.ControlAsync(HttpMethod.Get, "faults")).GetArrayLength());
        var quotas = await _zoho.ControlAsync(HttpMethod.Get, "quotas");
        Assert.Equal(1800, quotas.GetProperty("limits").GetProperty("listsubscribe").GetProperty("lock_seconds").GetInt32());
        Assert.InRange(
            (await _zoho.ControlAsync(HttpMethod.Get, "clock")).GetProperty("now").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
    }

    public void Dispose() => _zoho.Dispose();
}
