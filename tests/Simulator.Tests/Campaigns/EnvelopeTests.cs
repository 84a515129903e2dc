using System.Net;

namespace ZohoPlatform.Simulator.Tests.Campaigns;

/// <summary>What every method of Campaigns has in common.</summary>
public sealed class EnvelopeTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Theory]
    [InlineData(null)]
    [InlineData("1000.fake.wrong")]
    public async Task A_missing_or_wrong_token_is_401_with_capital_code_and_uri(string? token)
    {
        using var response = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", token, [("resfmt", "JSON")]);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(
            """{"message":"Unauthorized request.","version":"1.1","URI":"/api/v1.1/getmailinglists","Code":"1007","status":"error"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_token_of_another_data_centre_or_without_the_scope_is_401_too()
    {
        var ofEurope = await _zoho.AccessTokenAsync(dataCentre: "eu");
        var readOnly = await _zoho.AccessTokenAsync(await _zoho.MintRefreshTokenAsync(scopes: "ZohoCampaigns.contact.READ"));

        using var abroad = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", ofEurope, []);
        using var home = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", ofEurope, [], "eu");
        using var reading = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", readOnly, []);
        using var writing = await _zoho.SubscribeAsync(readOnly, """{"Contact Email":"ann@example.com"}""");

        Assert.Equal(HttpStatusCode.Unauthorized, abroad.StatusCode);
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        Assert.Equal(HttpStatusCode.OK, reading.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, writing.StatusCode);
    }

    [Theory]
    [InlineData("getMailingLists")]
    [InlineData("json/ListSubscribe")]
    [InlineData("listsubscribe")]
    [InlineData("nosuchmethod")]
    public async Task An_unknown_method_is_http_200_with_1004_and_names_are_case_sensitive(string method)
    {
        using var response = await _zoho.CampaignsAsync(HttpMethod.Post, method, null, [("resfmt", "JSON")]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $$"""{"message":"Wrong URL entered.","status":"error","code":"1004","uri":"/api/v1.1/{{method}}","version":"1.1"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("json")]
    [InlineData("XML")]
    public async Task Without_resfmt_in_capitals_the_answer_is_xml(string? format)
    {
        using var response = await _zoho.CampaignsAsync(
            HttpMethod.Post, "json/listsubscribe", await _zoho.AccessTokenAsync(), [("resfmt", format), ("listkey", SimulatorHost.ListKey)]);

        Assert.Equal(
            """<?xml version="1.0" encoding="UTF-8" ?><response uri="/api/v1.1/json/listsubscribe" version="1.1"><message>Mandatory fields are missing.</message><status>error</status><code>903</code></response>""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_parameter_given_twice_is_1006()
    {
        var token = await _zoho.AccessTokenAsync();

        Assert.Equal("1006", await SimulatorHost.CodeAsync(_zoho.CampaignsAsync(
            HttpMethod.Get, "getlistsubscribers", token, [("resfmt", "JSON"), ("listkey", SimulatorHost.ListKey), ("listkey", "3z00")])));
    }

    [Fact]
    public async Task Canada_is_on_its_own_domain()
    {
        using var response = await _zoho.PostFormAsync(
            "/accounts.zohocloud.ca/oauth/v2/token",
            ("grant_type", "refresh_token"), ("client_id", SimulatorHost.ClientId), ("client_secret", SimulatorHost.Secret("ca")),
            ("refresh_token", SimulatorHost.DemoRefreshToken("ca")));
        var tokens = await SimulatorHost.JsonAsync(response);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/campaigns.zohocloud.ca/api/v1.1/getmailinglists?resfmt=JSON");
        request.Headers.Add("Authorization", $"Zoho-oauthtoken {tokens.GetProperty("access_token").GetString()}");
        using var lists = await _zoho.Http.SendAsync(request);

        Assert.Equal("https://www.zohoapis.ca", tokens.GetProperty("api_domain").GetString());
        Assert.Equal("success", (await SimulatorHost.JsonAsync(lists)).GetProperty("status").GetString());
    }

    public void Dispose() => _zoho.Dispose();
}
