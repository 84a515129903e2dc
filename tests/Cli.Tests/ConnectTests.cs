using Microsoft.AspNetCore.Http;
using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class ConnectTests : IAsyncLifetime
{
    // longer than a terminal is wide
    private const string Link =
        "http://127.0.0.1:8080/connect/CfDJ8-a-long-sealed-value-that-must-stay-in-one-piece-however-wide-it-is";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On("GET /api/v1/crm/zoho/oauth", new { id = "a1", url = Link, expires_at = "2039-01-01T10:00:00Z" });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task The_link_is_printed_and_the_new_connection_awaited()
    {
        Authorization("zoho", Ended("waiting"), Ended("opened"), Ended("connected", "c1"));
        _gateway.On("GET /api/v1/connections/c1", Played.Connection("c1", "5f2c9a10"));

        var ran = (await _zoho.RunAsync("connect", "zoho", "--features", "campaigns,crm", "--data-centre", "eu")).AssertExit(0);

        Assert.Contains(Link, ran.Out.Split('\n'));
        Assert.Contains("Connected zoho (eu): account owner@example.com; owner company, for campaigns.", ran.Out, StringComparison.Ordinal);
        var asked = _gateway.Requests.Single(request => request.Call == "GET /api/v1/crm/zoho/oauth");
        Assert.Equal("?features=campaigns%2Ccrm&data_centre=eu", asked.Query);
        Assert.Equal("application/json", asked.Headers["Accept"]);
    }

    [Fact]
    public async Task Machines_read_the_link_and_the_connection()
    {
        Authorization("zoho", Ended("connected", "c1"));
        _gateway.On("GET /api/v1/connections/c1", Played.Connection("c1", "99999999"));

        var ran = (await _zoho.RunAsync("connect", "zoho", "--json")).AssertExit(0);

        Assert.Equal(["link", "connected"], ran.JsonLines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("99999999", ran.JsonLines[1].GetProperty("connection").GetProperty("fingerprint").GetString());
    }

    [Fact]
    public async Task A_person_who_refuses_ends_it_with_the_reason()
    {
        Authorization("zoho", new
        {
            id = "a1",
            provider = "zoho",
            state = "failed",
            features = Array.Empty<string>(),
            scopes = Array.Empty<string>(),
            owner = "company",
            expires_at = "2039-01-01T10:00:00Z",
            failure = new { code = "access_denied", message = "Access was refused in Zoho. Connect again and accept." },
        });

        var ran = (await _zoho.RunAsync("connect", "zoho")).AssertExit(3);

        Assert.Contains("access_denied", ran.Error, StringComparison.Ordinal);
        Assert.Contains("Connect again and accept.", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("waiting", "Nobody has finished the sign-in yet; the link stays good until")]
    [InlineData("expired", "The same command gives a new one")]
    public async Task A_sign_in_that_nobody_finishes_ends_clearly(string state, string told)
    {
        Authorization("zoho", Ended(state));

        var ran = (await _zoho.RunAsync("connect", "zoho", "--timeout", "0")).AssertExit(3);

        Assert.Contains("not_connected", ran.Error, StringComparison.Ordinal);
        Assert.Contains(told, ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scopes_that_were_not_granted_are_said()
    {
        Authorization("zoho", Ended("connected", "c1"));
        _gateway.On("GET /api/v1/connections/c1", Played.Connection("c1", "5f2c9a10", ["ZohoCampaigns.contact.ALL"]));

        var ran = (await _zoho.RunAsync("connect", "zoho")).AssertExit(3);

        Assert.Contains("scopes are missing: ZohoCampaigns.contact.ALL", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubSpot_has_a_link_of_its_own()
    {
        _gateway.On("GET /api/v1/crm/hubspot/oauth", new { id = "a1", url = Link, expires_at = "2039-01-01T10:00:00Z" });
        Authorization("hubspot", Ended("waiting"));

        (await _zoho.RunAsync("connect", "hubspot", "--timeout", "0")).AssertExit(3);

        Assert.Contains(_gateway.Requests, request => request.Call == "GET /api/v1/crm/hubspot/oauth/a1");
        (await _zoho.RunAsync("connect", "hubspot", "--data-centre", "eu")).AssertExit(1);
    }

    private static object Ended(string state, string? connection = null) => new
    {
        id = "a1",
        provider = "zoho",
        state,
        features = (string[])["campaigns"],
        scopes = (string[])["ZohoCampaigns.contact.READ"],
        owner = "company",
        expires_at = "2039-01-01T10:00:00Z",
        connection_id = connection,
    };

    // one per time that it is asked
    private void Authorization(string provider, params object[] answers) => _gateway.OnEach(
        $"GET /api/v1/crm/{provider}/oauth/a1",
        [.. answers.Select(answer => (Func<HttpContext, Task>)(http => http.Response.WriteAsJsonAsync(answer)))]);
}
