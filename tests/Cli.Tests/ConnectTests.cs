using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class ConnectTests : IAsyncLifetime
{
    // longer than a terminal is wide
    private const string Link =
        "http://127.0.0.1:8080/api/v1/crm/zoho/oauth?start=CfDJ8-a-long-sealed-value-that-must-stay-in-one-piece-however-wide-it-is";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On("GET /api/v1/crm/zoho/oauth", new { url = Link, expires_at = "2039-01-01T10:00:00Z" });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task The_link_is_printed_and_the_new_connection_awaited()
    {
        Connections([[], [Played.Connection("c1", "5f2c9a10")]]);

        var ran = (await _zoho.RunAsync("connect", "zoho", "--features", "campaigns,crm", "--data-centre", "eu")).AssertExit(0);

        Assert.Contains(Link, ran.Out.Split('\n'));
        Assert.Contains("Connected zoho (eu) for campaigns, owner company.", ran.Out, StringComparison.Ordinal);
        var asked = _gateway.Requests.Single(request => request.Call == "GET /api/v1/crm/zoho/oauth");
        Assert.Equal("?features=campaigns%2Ccrm&data_centre=eu", asked.Query);
        Assert.Equal("application/json", asked.Headers["Accept"]);
    }

    [Fact]
    public async Task A_connection_that_is_renewed_is_known_by_its_new_grant()
    {
        Connections([[Played.Connection("c1", "5f2c9a10")], [Played.Connection("c1", "5f2c9a10")], [Played.Connection("c1", "99999999")]]);

        var ran = (await _zoho.RunAsync("connect", "zoho", "--json")).AssertExit(0);

        Assert.Equal(["link", "connected"], ran.JsonLines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("99999999", ran.JsonLines[1].GetProperty("connection").GetProperty("fingerprint").GetString());
    }

    [Fact]
    public async Task A_sign_in_that_nobody_finishes_ends_clearly()
    {
        Connections([[]]);

        var ran = (await _zoho.RunAsync("connect", "zoho", "--timeout", "0")).AssertExit(3);

        Assert.Contains("not_connected", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scopes_that_were_not_granted_are_said()
    {
        Connections([[], [Played.Connection("c1", "5f2c9a10", ["ZohoCampaigns.contact.ALL"])]]);

        var ran = (await _zoho.RunAsync("connect", "zoho")).AssertExit(3);

        Assert.Contains("scopes are missing: ZohoCampaigns.contact.ALL", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubSpot_has_a_link_of_its_own()
    {
        _gateway.On("GET /api/v1/crm/hubspot/oauth", new { url = Link, expires_at = "2039-01-01T10:00:00Z" });
        Connections([[]]);

        (await _zoho.RunAsync("connect", "hubspot", "--timeout", "0")).AssertExit(3);

        Assert.Contains(_gateway.Requests, request => request is { Call: "GET /api/v1/connections", Query: "?provider=hubspot" });
        (await _zoho.RunAsync("connect", "hubspot", "--data-centre", "eu")).AssertExit(1);
    }

    // one list per time that it is asked
    private void Connections(object[][] answers) => _gateway.OnEach(
        "GET /api/v1/connections",
        [.. answers.Select(connections => (Func<HttpContext, Task>)(http => http.Response.WriteAsJsonAsync(new { connections })))]);
}
