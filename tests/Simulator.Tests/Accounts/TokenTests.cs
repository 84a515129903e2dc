using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ZohoPlatform.Simulator.Tests.Accounts;

public sealed class TokenTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task A_refresh_is_answered_as_recorded()
    {
        var granted = await _zoho.MintRefreshTokenAsync(
            "eu", "AaaServer.profile.READ,ZohoCampaigns.contact.UPDATE,ZohoCampaigns.contact.CREATE,ZohoCampaigns.contact.READ,ZohoCampaigns.campaign.READ");

        using var response = await _zoho.RefreshAsync(granted, dataCentre: "eu");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ZGS", response.Headers.Server.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json;charset=UTF-8", response.Content.Headers.NonValidated["Content-Type"].ToString());
        var body = await response.Content.ReadAsStringAsync();
        Assert.Matches(
            """^\{"access_token":"1000\.[0-9a-f]{32}\.[0-9a-f]{32}","scope":"AaaServer\.profile\.READ ZohoCampaigns\.contact\.UPDATE ZohoCampaigns\.contact\.CREATE ZohoCampaigns\.contact\.READ ZohoCampaigns\.campaign\.READ","api_domain":"https://www\.zohoapis\.eu","token_type":"Bearer","expires_in":3600\}$""",
            body);
    }

    [Fact]
    public async Task A_self_client_code_gives_both_tokens_once()
    {
        var code = await _zoho.MintCodeAsync();

        using var first = await _zoho.ExchangeAsync(code);
        using var second = await _zoho.ExchangeAsync(code);

        var tokens = await SimulatorHost.JsonAsync(first);
        Assert.Matches(@"^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$", tokens.GetProperty("refresh_token").GetString());
        Assert.NotEmpty(await _zoho.AccessTokenAsync(tokens.GetProperty("refresh_token").GetString()));
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal("""{"error":"invalid_code"}""", await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_code_dies_after_its_minutes()
    {
        var code = await _zoho.MintCodeAsync();
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(10));

        using var response = await _zoho.ExchangeAsync(code);

        Assert.Equal("""{"error":"invalid_code"}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(SimulatorHost.ClientId, "us", "wrong", null, "invalid_client_secret")]
    [InlineData("1000.FAKEUNKNOWN", "us", null, null, "invalid_client")]
    [InlineData(SimulatorHost.ClientId, "us", null, "1000.fake.gone", "invalid_code")]
    // the token is Europe's, the call went to the United States
    [InlineData(SimulatorHost.ClientId, "us", null, "1000.fake-demo-refresh-eu", "invalid_client")]
    // the secret of another data centre does not fit here
    [InlineData(SimulatorHost.ClientId, "us", "fake-demo-secret-eu", null, "invalid_client_secret")]
    public async Task A_refusal_is_http_200_with_an_error(string clientId, string dataCentre, string? secret, string? refreshToken, string error)
    {
        using var response = await _zoho.RefreshAsync(refreshToken, dataCentre, secret, clientId);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($$"""{"error":"{{error}}"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_code_of_another_data_centre_is_an_invalid_client_there_and_still_good_at_home()
    {
        var code = await _zoho.MintCodeAsync("eu");

        using var abroad = await _zoho.ExchangeAsync(code, "us");
        using var home = await _zoho.ExchangeAsync(code, "eu");

        Assert.Equal("""{"error":"invalid_client"}""", await abroad.Content.ReadAsStringAsync());
        Assert.True((await SimulatorHost.JsonAsync(home)).TryGetProperty("access_token", out _));
    }

    [Theory]
    [InlineData("password", HttpStatusCode.OK, """{"error":"invalid_client"}""")]
    [InlineData(null, HttpStatusCode.BadRequest, """{"error":"invalid_request"}""")]
    public async Task A_grant_type_that_is_wrong_or_missing_is_refused(string? grantType, HttpStatusCode status, string body)
    {
        using var response = await _zoho.PostFormAsync(
            "/accounts.zoho.com/oauth/v2/token",
            ("grant_type", grantType), ("client_id", SimulatorHost.ClientId), ("client_secret", SimulatorHost.Secret()));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Parameters_may_come_in_the_query_in_a_multipart_form_or_half_as_basic_but_not_as_json()
    {
        var query = $"grant_type=refresh_token&client_id={SimulatorHost.ClientId}&client_secret={SimulatorHost.Secret()}&refresh_token={SimulatorHost.DemoRefreshToken()}";
        using var byQuery = await _zoho.Http.PostAsync($"/accounts.zoho.com/oauth/v2/token?{query}", null);
        using var multipart = new MultipartFormDataContent
        {
            { new StringContent("refresh_token"), "grant_type" }, { new StringContent(SimulatorHost.ClientId), "client_id" },
            { new StringContent(SimulatorHost.Secret()), "client_secret" }, { new StringContent(SimulatorHost.DemoRefreshToken()), "refresh_token" },
        };
        using var byMultipart = await _zoho.Http.PostAsync("/accounts.zoho.com/oauth/v2/token", multipart);
        using var basic = new HttpRequestMessage(HttpMethod.Post, $"/accounts.zoho.com/oauth/v2/token?grant_type=refresh_token&refresh_token={SimulatorHost.DemoRefreshToken()}");
        basic.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatorHost.ClientId}:{SimulatorHost.Secret()}")));
        using var byBasic = await _zoho.Http.SendAsync(basic);
        using var json = new StringContent("""{"grant_type":"refresh_token"}""", Encoding.UTF8, "application/json");
        using var byJson = await _zoho.Http.PostAsync("/accounts.zoho.com/oauth/v2/token", json);

        Assert.Contains("access_token", await byQuery.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("access_token", await byMultipart.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("access_token", await byBasic.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, byJson.StatusCode);
    }

    [Fact]
    public async Task The_token_endpoint_takes_only_post()
    {
        using var response = await _zoho.Http.GetAsync("/accounts.zoho.com/oauth/v2/token");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_older_expiry_can_be_asked_for()
    {
        await _zoho.SetAsync(new { legacy_expiry = true });

        using var response = await _zoho.RefreshAsync();

        var body = await response.Content.ReadAsStringAsync();
        Assert.EndsWith(""""token_type":"Bearer","expires_in_sec":3600,"expires_in":3600000}"""", body, StringComparison.Ordinal);
    }

    public void Dispose() => _zoho.Dispose();
}
