using System.Net;
using System.Net.Http.Headers;

namespace ZohoPlatform.Simulator.Tests.Accounts;

public sealed class ProfileTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Theory]
    [InlineData("Zoho-oauthtoken")]
    [InlineData("Bearer")]
    public async Task The_profile_names_who_the_token_speaks_for(string scheme)
    {
        using var response = await AskAsync(scheme, await _zoho.AccessTokenAsync());

        Assert.Equal(
            """{"First_Name":"Ada","Last_Name":"Example","Display_Name":"Ada Example","Email":"ada.us@demo.example","ZUID":10000000001}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_the_scope_there_is_no_profile()
    {
        var token = await _zoho.AccessTokenAsync(await _zoho.MintRefreshTokenAsync(scopes: "ZohoCampaigns.contact.ALL"));

        using var response = await AskAsync("Zoho-oauthtoken", token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Serverinfo_lists_every_data_centre()
    {
        using var response = await _zoho.Http.GetAsync("/accounts.zoho.com/oauth/serverinfo");

        var info = await SimulatorHost.JsonAsync(response);
        Assert.Equal("success", info.GetProperty("result").GetString());
        Assert.Equal("https://accounts.zohocloud.ca", info.GetProperty("locations").GetProperty("ca").GetString());
        Assert.Equal(11, info.GetProperty("locations").EnumerateObject().Count());
    }

    public void Dispose() => _zoho.Dispose();

    private async Task<HttpResponseMessage> AskAsync(string scheme, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/accounts.zoho.com/oauth/user/info");
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
        return await _zoho.Http.SendAsync(request);
    }
}
