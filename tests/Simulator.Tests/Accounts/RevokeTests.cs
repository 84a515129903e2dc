using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ZohoPlatform.Simulator.Tests.Accounts;

public sealed class RevokeTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task Revoking_by_address_ends_the_refresh_token_and_its_access_tokens()
    {
        var access = await _zoho.AccessTokenAsync();

        using var revoked = await _zoho.Http.PostAsync($"/accounts.zoho.com/oauth/v2/token/revoke?token={SimulatorHost.DemoRefreshToken()}", null);
        using var again = await _zoho.Http.PostAsync($"/accounts.zoho.com/oauth/v2/token/revoke?token={SimulatorHost.DemoRefreshToken()}", null);
        using var refresh = await _zoho.RefreshAsync();
        using var use = await _zoho.CampaignsAsync(HttpMethod.Get, "getmailinglists", access, []);

        Assert.Equal("""{"status":"success"}""", await revoked.Content.ReadAsStringAsync());
        Assert.Equal("""{"error":"invalid_code"}""", await again.Content.ReadAsStringAsync());
        Assert.Equal("""{"error":"invalid_code"}""", await refresh.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, use.StatusCode);
    }

    [Fact]
    public async Task A_token_can_only_be_revoked_in_its_data_centre()
    {
        using var abroad = await _zoho.Http.PostAsync($"/accounts.zoho.eu/oauth/v2/token/revoke?token={SimulatorHost.DemoRefreshToken()}", null);
        using var refresh = await _zoho.RefreshAsync();

        Assert.Equal("""{"error":"invalid_code"}""", await abroad.Content.ReadAsStringAsync());
        Assert.Contains("access_token", await refresh.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_by_client_takes_an_access_token_too_and_says_400_for_an_unknown_one()
    {
        var access = await _zoho.AccessTokenAsync();

        using var revoked = await RevokeByClientAsync(access, SimulatorHost.Secret());
        using var again = await RevokeByClientAsync(access, SimulatorHost.Secret());
        using var refresh = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("access_token", await refresh.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_by_client_needs_the_secret()
    {
        using var refused = await RevokeByClientAsync(SimulatorHost.DemoRefreshToken(), "wrong");
        using var refresh = await _zoho.RefreshAsync();

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("access_token", await refresh.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => _zoho.Dispose();

    private async Task<HttpResponseMessage> RevokeByClientAsync(string token, string secret)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/accounts.zoho.com/oauth/v2/revoke/token") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatorHost.ClientId}:{secret}")));
        return await _zoho.Http.SendAsync(request);
    }
}
