using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary><c>zoho connections</c>.</summary>
public sealed class ConnectionsTests : IAsyncLifetime
{
    private const string Stops = "Without this connection these stop: campaigns (registrations, syncs, lists and reports).";

    private const string Advice = " Choose another one for them first (feature_connections in the integration settings), or delete it with even_if_in_use=true.";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On("GET /api/v1/connections", new { connections = new[] { Played.Connection("c1", "5f2c9a10") } });
        _gateway.On("GET /api/v1/connections/c1", Played.Connection("c1", "5f2c9a10"));
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Each_is_shown_with_its_account_and_what_uses_it_and_another_one_is_chosen()
    {
        _gateway.On("POST /api/settings/integrations/zoho", new { });

        Assert.Contains("owner@example.com", (await _zoho.RunAsync("connections")).AssertExit(0).Out, StringComparison.Ordinal);
        var used = (await _zoho.RunAsync("connections", "use", "c1", "campaigns")).AssertExit(0);

        Assert.Contains("account owner@example.com: used for campaigns.", used.Out, StringComparison.Ordinal);
        Assert.Contains(_gateway.Requests, request => request.Body.Contains("""{"campaigns":"c1"}""", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("books", "can serve campaigns, and not books: choose another one")]
    [InlineData("mail", "There is no feature mail: there are campaigns, crm,")]
    public async Task A_feature_that_it_cannot_serve_is_refused_with_those_that_it_can(string feature, string said)
    {
        var ran = (await _zoho.RunAsync("connections", "use", "c1", feature)).AssertExit(3);

        Assert.Contains("The connection c1 of zoho can serve campaigns", ran.Error, StringComparison.Ordinal);
        Assert.Contains(said, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Requests, request => request.Call.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_in_use_is_deleted_only_when_it_was_said_what_stops()
    {
        _gateway.On("DELETE /api/v1/connections/c1", async http =>
        {
            if (http.Request.Query["even_if_in_use"] == "true")
            {
                http.Response.StatusCode = 204;
                return;
            }

            await PlayedGateway.ProblemAsync(http, 409, "connection_in_use", Stops + Advice);
        });

        var kept = (await _zoho.RunAsync("connections", "delete", "c1")).AssertExit(3);

        Assert.Contains(
            Stops + " Choose another one for them first (zoho connections use ID FEATURE), or delete it with --yes.", kept.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing was deleted.", kept.Error, StringComparison.Ordinal);
        var deleted = (await _zoho.RunAsync("connections", "delete", "c1", "--yes")).AssertExit(0);
        Assert.Equal("Deleted; its grant is being taken back at the provider.\n", deleted.Out);
    }

    [Fact]
    public async Task Of_one_that_was_brought_along_it_is_said_that_its_refresh_token_stays_valid()
    {
        _gateway.On("GET /api/v1/connections/c1", Played.Connection("c1", "5f2c9a10", broughtAlong: true));
        _gateway.On("DELETE /api/v1/connections/c1", http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        Assert.Matches("(?m)^Refresh token +brought along", (await _zoho.RunAsync("connections", "show", "c1")).AssertExit(0).Out);
        Assert.Contains("stays valid", (await _zoho.RunAsync("connections", "delete", "c1")).AssertExit(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_is_shown_with_what_is_known_of_it()
    {
        var ran = (await _zoho.RunAsync("connections", "show", "c1")).AssertExit(0);

        Assert.Matches("(?m)^Account +owner@example.com$", ran.Out);
        Assert.Matches("(?m)^Granted +ZohoCampaigns.contact.ALL$", ran.Out);
        Assert.DoesNotContain("Why", ran.Out, StringComparison.Ordinal);
        Assert.Equal((await _zoho.RunAsync("connections")).Out, (await _zoho.RunAsync("connections", "list")).AssertExit(0).Out);
        Assert.Equal("c1", (await _zoho.RunAsync("connections", "show", "c1", "--json")).AssertExit(0).Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_test_says_each_finding()
    {
        _gateway.On("POST /api/v1/connections/c1/test", new
        {
            ok = false,
            code = "client_secret_refused",
            message = "Refused.",
            findings = new[] { new { name = "client", status = "failed", code = "client_secret_refused", message = "Refused." } },
        });

        var ran = (await _zoho.RunAsync("connections", "test", "c1")).AssertExit(3);

        Assert.Contains("failed      client          Refused.", ran.Out, StringComparison.Ordinal);
    }
}
