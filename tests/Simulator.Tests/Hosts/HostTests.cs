using System.Net;
using System.Text.Json;
using ZohoPlatform.Simulator.Hosts;

namespace ZohoPlatform.Simulator.Tests.Hosts;

public sealed class HostTests : IDisposable
{
    private readonly SimulatorHost _zoho = new();

    [Fact]
    public void Every_host_belongs_to_one_data_centre()
    {
        Assert.Equal(11, DataCentre.All.Count);
        Assert.Equal(11 + 10 + 9 + 9 + 9, DataCentre.KnownHosts.Count());
        Assert.All(DataCentre.KnownHosts, host => Assert.DoesNotContain("..", host, StringComparison.Ordinal));
        Assert.Null(DataCentre.OfHost("accounts.zoho.ca"));
        Assert.Null(DataCentre.OfHost("campaigns.zoho.ca"));
    }

    [Fact]
    public async Task A_host_that_is_not_zohos_is_404_in_a_shape_no_provider_has()
    {
        using var response = await _zoho.Http.GetAsync("/accounts.zoho.ca/oauth/v2/auth");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var answer = await SimulatorHost.JsonAsync(response);
        Assert.Equal("unknown_host", answer.GetProperty("simulator").GetString());
        Assert.Equal("accounts.zoho.ca", answer.GetProperty("host").GetString());
        Assert.Contains("accounts.zohocloud.ca", answer.GetProperty("known_hosts").EnumerateArray().Select(host => host.GetString()!), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/crm.zoho.com/crm/v8/Leads")]
    [InlineData("/accounts.zoho.com/oauth/v3/device/code")]
    [InlineData("/campaigns.zoho.com/api/v2/lists")]
    public async Task What_is_not_played_says_so(string path)
    {
        using var response = await _zoho.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_played", (await SimulatorHost.JsonAsync(response)).GetProperty("simulator").GetString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/")]
    public async Task The_simulators_own_paths_answer(string path)
    {
        using var response = await _zoho.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Data_centres_hold_their_own_contacts()
    {
        using var subscribed = await _zoho.SubscribeAsync(await _zoho.AccessTokenAsync(), """{"Contact Email":"ann@example.com"}""");

        Assert.Equal(1, (await _zoho.ContactsAsync("us")).GetArrayLength());
        Assert.Equal(0, (await _zoho.ContactsAsync("eu")).GetArrayLength());
    }

    [Fact]
    public async Task The_state_of_the_page_holds_no_token_and_no_secret()
    {
        var token = await _zoho.AccessTokenAsync();
        var minted = await _zoho.MintRefreshTokenAsync();

        var state = await _zoho.ControlAsync(HttpMethod.Get, "state");

        var text = JsonSerializer.Serialize(state);
        Assert.All(
            [token, minted, SimulatorHost.Secret(), SimulatorHost.DemoRefreshToken()], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Equal(12, state.GetProperty("refresh_tokens")[0].GetProperty("fingerprint").GetString()!.Length);
    }

    public void Dispose() => _zoho.Dispose();
}
