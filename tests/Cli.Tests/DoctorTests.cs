using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class DoctorTests : IAsyncLifetime
{
    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _gateway.On(
            "GET /api/settings/integrations/zoho", new { client_id = "1000.fake-client-id", client_secret = "••••cret", region = "eu" });
        _gateway.On("GET /api/v1/connections", new { connections = new[] { Played.Connection("c1", "5f2c9a10") } });
        _gateway.On("POST /api/settings/integrations/zoho/test", new
        {
            ok = true,
            checks = new[]
            {
                new { name = "connection", ok = true, message = "Zoho (eu) answered." },
                new { name = "campaigns_list", ok = true, message = "The list is Newsletter." },
            },
        });
        _gateway.On("GET /api/v1/connections/health", new { connections = Array.Empty<object>() });
        _gateway.On("GET /api/v1/campaigns/quota", new
        {
            methods = new[]
            {
                new { method = "getmailinglists", limits = new[] { new { window_seconds = 300, calls = 500, usable = 400, used = 2 } } },
                new { method = "listsubscribe", limits = new[] { new { window_seconds = 300, calls = 500, usable = 400, used = 12 } } },
            },
        });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Everything_in_order_is_said_piece_by_piece()
    {
        var ran = (await _zoho.RunAsync("doctor")).AssertExit(0);

        ran.AssertPlain();
        Assert.Contains("zoho of company, account owner@example.com (c1), used for campaigns: active.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("eu, its APIs at https://www.zohoapis.eu.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Granted: ZohoCampaigns.contact.ALL.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("listsubscribe: 388 of 400 left in 5 min 0 s.", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("getmailinglists", ran.Out, StringComparison.Ordinal);
        Assert.Contains("getmailinglists: 398 of 400", (await _zoho.RunAsync("doctor", "--verbose")).Out, StringComparison.Ordinal);
        Assert.Contains("The list is Newsletter.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Nothing stands in the way.", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_comes_with_its_fix()
    {
        _gateway.On("GET /api/v1/connections", new
        {
            connections = new[]
            {
                Played.Connection("c1", "5f2c9a10", ["ZohoCampaigns.campaign.READ"], "revoked", "The owner took the grant back."),
            },
        });

        var ran = (await _zoho.RunAsync("doctor", "--json")).AssertExit(3);

        var failed = ran.Json.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("status").GetString() == "failed")
            .ToArray();
        Assert.Equal("connection", Assert.Single(failed).GetProperty("name").GetString());
        var scopes = ran.Json.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("name").GetString() == "scopes");
        Assert.All([failed[0], scopes], finding => Assert.Contains(
            "zoho connect zoho --features campaigns", finding.GetProperty("fix").GetString(), StringComparison.Ordinal));
        Assert.Equal("warning", scopes.GetProperty("status").GetString());
        Assert.Contains("ZohoCampaigns.campaign.READ", scopes.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_cause_is_one_finding_with_what_follows_from_it()
    {
        const string Refused = "Zoho refuses the client secret in the data centre eu.";
        _gateway.On("GET /api/v1/connections", new { connections = new[] { Played.Connection("c1", "5f2c9a10", null, "misconfigured", Refused) } });
        _gateway.On("GET /api/v1/connections/health", new { connections = new[] { new { connection_id = "c1", code = "client_secret_refused" } } });
        _gateway.On("POST /api/settings/integrations/zoho/test", new
        {
            ok = false,
            checks = new object[]
            {
                new
                {
                    name = "connection",
                    ok = false,
                    code = "client_secret_refused",
                    message = Refused,
                    connection_id = "c1",
                    findings = new[] { new { name = "client", status = "failed", code = "client_secret_refused", message = Refused } },
                },
                new { name = "campaigns_list", ok = false, code = "client_secret_refused", message = Refused, follows_from = "connection" },
            },
        });
        _gateway.On(
            "GET /api/v1/campaigns/quota", http => PlayedGateway.ProblemAsync(http, 409, "client_secret_refused", Refused));

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        Assert.Single(ran.Out.Split('\n'), line => line.StartsWith("failed", StringComparison.Ordinal));
        Assert.Contains("Because of it not either: client, list, quota.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("-> zoho settings set zoho --client-secret, with the secret as the API console shows it", ran.Out, StringComparison.Ordinal);
        Assert.Contains("1 thing stands in the way.", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_that_was_taken_back_is_one_finding_before_it_counts_as_revoked()
    {
        const string Once = "Zoho does not accept this connection's refresh token.";
        var findings = new[] { new { name = "account", status = "failed", code = "grant_refused_once", message = Once } };
        _gateway.On("POST /api/settings/integrations/zoho/test", new
        {
            ok = false,
            checks = new object[]
            {
                new { name = "connection", ok = false, code = "grant_refused_once", message = Once, connection_id = "c1", findings },
                new { name = "campaigns_list", ok = false, code = "zoho_token_refused", message = "Refused.", connection_id = "c1" },
            },
        });

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        Assert.Single(ran.Out.Split('\n'), line => line.StartsWith("failed", StringComparison.Ordinal));
        Assert.Contains("Because of it not either: list.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("-> zoho doctor, in some seconds", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_found_of_a_crm_is_said_one_by_one_with_the_fix_where_a_command_mends_it()
    {
        object Found(string code, string message, string? module = null, string status = "failed") => new { name = "crm", status, code, message, module };
        _gateway.On("POST /api/settings/integrations/zoho/test", new
        {
            ok = false,
            checks = new[]
            {
                new
                {
                    name = "crm",
                    ok = false,
                    code = "crm_module_off",
                    message = "Leads is off.",
                    connection_id = "c1",
                    findings = new[]
                    {
                        new { name = "organization", status = "ok", message = "Example Ltd (7001) in eu answered." },
                        new { name = "link", status = "ok", message = "Its records open at https://crm.zoho.eu/crm/org20/tab/Leads." },
                        Found("crm_module_off", "Leads is off: switch it on in Zoho CRM.", "Leads"),
                        Found("crm_module_off", "Contacts is off: switch it on in Zoho CRM.", "Contacts"),
                        Found("scopes_missing", "The connection does not cover all."),
                        Found("deletions_to_confirm", "700 of 900 records are gone.", "Deals"),
                        Found("notifications_off", "Changes are seen within minutes.", status: "warning"),
                    },
                },
            },
        });

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        string[] lines =
        [
            "ok       crm           Example Ltd (7001) in eu answered.",
            "ok       crm           Its records open at https://crm.zoho.eu/crm/org20/tab/Leads.",
            "failed   crm           Leads is off: switch it on in Zoho CRM.",
            // another module is another cause
            "failed   crm           Contacts is off: switch it on in Zoho CRM.",
            "failed   crm           The connection does not cover all.",
            "                       -> zoho connect zoho --features campaigns, and accept everything",
            "failed   crm           700 of 900 records are gone.",
            "                       -> zoho feeds confirm-deletions Deals --delete, or with --keep where they shall stay",
            "warning  crm           Changes are seen within minutes.",
        ];
        Assert.Contains(string.Join('\n', lines), ran.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("4 things stand in the way.", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_the_crm_alone_hears_nothing_of_campaigns_and_how_it_is_switched_on()
    {
        const string Off = "CRM messaging is off, and conversations stay here: set crm_enabled in the Zoho settings.";
        object crm = new
        {
            name = "crm",
            ok = true,
            message = Off,
            findings = new[] { new { name = "crm", status = "not_looked", code = "crm_disabled", message = Off } },
        };
        _gateway.On("POST /api/settings/integrations/zoho/test", new { ok = true, checks = new[] { crm } });
        _gateway.On("GET /api/v1/connections", new
        {
            connections = new[] { new { id = "c9", provider = "zoho", owner = "company", state = "active", features = new[] { "crm" }, granted_scopes = new[] { "ZohoCRM.modules.ALL" } } },
        });
        _gateway.On("GET /api/v1/campaigns/quota", http => PlayedGateway.ProblemAsync(http, 409, "not_connected", "Nothing is connected for campaigns."));

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(0);
        var tested = (await _zoho.RunAsync("settings", "test", "zoho")).AssertExit(0);

        Assert.Contains("skipped  crm           CRM messaging is off, and conversations stay here: zoho settings set zoho --crm yes.", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("campaigns", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Nothing stands in the way.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("conversations stay here: zoho settings set zoho --crm yes.", tested.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_of_another_owner_is_renewed_as_that_owners()
    {
        _gateway.On("GET /api/v1/connections", new
        {
            connections = new[]
            {
                new { id = "c9", provider = "zoho", owner = "Sales team", state = "revoked", features = new[] { "campaigns", "crm" }, serves = new[] { "crm" } },
            },
        });

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        Assert.Contains("-> zoho connect zoho --features campaigns,crm --owner \"Sales team\"", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in", false, "zoho settings set zoho --client-secret --secret-of eu", " --data-centre eu")]
    [InlineData("eu", true, "zoho settings set zoho --client-secret --secret-of eu", "")]
    [InlineData("eu", false, "zoho settings set zoho --client-secret", "")]
    public async Task A_fix_leaves_other_data_centres_as_they_are(string region, bool hasOwnSecret, string set, string place)
    {
        _gateway.On("GET /api/settings/integrations/zoho", new
        {
            client_id = "1000.fake-client-id",
            client_secret = "••••cret",
            client_secrets = hasOwnSecret ? new { eu = "••••cret" } : null,
            region,
        });
        _gateway.On("GET /api/v1/connections", new
        {
            connections = new[]
            {
                Played.Connection("c1", "1", null, "misconfigured", "Refused."),
                Played.Connection("c2", "2", null, "misconfigured", "There is none."),
                Played.Connection("c3", "3", null, "revoked", "Taken back."),
            },
        });
        _gateway.On("GET /api/v1/connections/health", new
        {
            connections = new[]
            {
                new { connection_id = "c1", code = "client_secret_refused" },
                new { connection_id = "c2", code = "client_secret_missing" },
                new { connection_id = "c3", code = "grant_revoked" },
            },
        });

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        string[] fixes = [$"{set}, with the secret as the API console shows it", set, $"zoho connect zoho --features campaigns{place}"];
        Assert.Equal(
            fixes.Select(fix => $"-> {fix}"),
            ran.Out.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.StartsWith("->", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_wrong_with_HubSpots_client_is_mended_in_HubSpots_settings()
    {
        _gateway.On("GET /api/v1/connections", new
        {
            connections = new[]
            {
                new { id = "c9", provider = "hubspot", owner = "company", state = "misconfigured", features = new[] { "hubspot_contacts" } },
            },
        });
        _gateway.On("GET /api/v1/connections/health", new { connections = new[] { new { connection_id = "c9", code = "client_secret_refused" } } });

        Assert.Contains("-> zoho settings set hubspot --client-secret, with", (await _zoho.RunAsync("doctor")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_has_nothing_yet_is_told_where_to_begin()
    {
        _gateway.On("GET /api/settings/integrations/zoho", new { });
        _gateway.On("GET /api/v1/connections", new { connections = Array.Empty<object>() });
        object[] checks =
        [
            new { name = "connection", ok = false, code = "not_connected", message = "Nothing is connected." },
            new { name = "campaigns_list", ok = false, code = "list_key_missing", message = "No mailing list is set." },
        ];
        _gateway.On("POST /api/settings/integrations/zoho/test", new { ok = false, checks });
        _gateway.On(
            "GET /api/v1/campaigns/quota", http => PlayedGateway.ProblemAsync(http, 409, "not_connected", "Nothing is connected."));

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(3);

        // nothing can be connected before there is a client
        Assert.Contains("https://api-console.zoho.com", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Because of it not either: zoho, quota.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("2 things stand in the way.", ran.Out, StringComparison.Ordinal);
        _gateway.On("GET /api/settings/integrations/zoho", new { client_id = "1000.fake-client-id", client_secret = "••••cret" });
        Assert.Contains("-> zoho connect zoho --features campaigns", (await _zoho.RunAsync("doctor")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_key_may_not_see_is_skipped_with_the_role_it_needs_and_the_rest_is_looked_at()
    {
        _gateway.On(
            "GET /api/settings/integrations/zoho",
            http => PlayedGateway.ProblemAsync(http, 403, "role_missing", "This needs the role admin, and the caller's is viewer: use a key that has it."));
        _gateway.On(
            "POST /api/settings/integrations/zoho/test",
            http => PlayedGateway.ProblemAsync(http, 403, "role_missing", "The API key's role does not allow this."));

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(0);

        Assert.Contains("skipped  zoho", ran.Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^skipped  client +This needs the role admin, and the caller's is viewer: use a key that has it.$", ran.Out);
        Assert.DoesNotContain("role operator", ran.Out, StringComparison.Ordinal);
        Assert.Contains("listsubscribe", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">/dev/full", "doctor")]
    [InlineData(">/dev/full", "--json", "doctor")]
    [InlineData(">/dev/full", "--help")]
    [InlineData(">&-", "doctor")]
    [InlineData(">&-", "--help")]
    public async Task An_output_that_cannot_be_written_is_one_sentence_and_an_exit_code(string redirection, params string[] arguments)
    {
        var ran = (await _zoho.RunRedirectedAsync(redirection, arguments)).AssertExit(3);

        Assert.StartsWith("Error: the output cannot be written", ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_lock_at_Zoho_is_a_warning_with_its_end()
    {
        _gateway.On(
            "GET /api/v1/campaigns/quota",
            new { methods = new[] { new { method = "listsubscribe", unlocks_at = "2039-01-01T10:00:00Z" } } });

        var ran = (await _zoho.RunAsync("doctor")).AssertExit(0);

        Assert.Contains("warning  quota         Zoho answers no listsubscribe until 2039-01-01", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_a_matter_of_configuration()
    {
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = "zp_other_fake-secret";

        var ran = (await _zoho.RunAsync("doctor", "--json")).AssertExit(3);

        Assert.StartsWith(
            "The key comes from ZOHO_PLATFORM_API_KEY: unset that and sign in with zoho login",
            ran.Json.GetProperty("findings")[1].GetProperty("fix").GetString(),
            StringComparison.Ordinal);
        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task The_fix_for_a_key_that_was_deleted_and_the_one_for_a_gateway_that_is_gone_work()
    {
        using var signedIn = new Zoho();
        (await signedIn.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        _gateway.On("GET /api/v1/whoami", http => PlayedGateway.ProblemAsync(http, 401, "key_invalid", "The API key is deleted."));
        var refused = (await signedIn.RunAsync("doctor", "--json")).AssertExit(3).Json.GetProperty("findings")[1];
        await using var other = await PlayedGateway.StartAsync();

        Assert.Equal("Sign in with another key: zoho login", refused.GetProperty("fix").GetString());
        _gateway.On("GET /api/v1/whoami", Played.WhoAmI);
        (await signedIn.RunAsync(["login"], PlayedGateway.Key)).AssertExit(0);
        (await signedIn.RunAsync("doctor")).AssertExit(0);

        await _gateway.DisposeAsync();
        var gone = (await signedIn.RunAsync("doctor", "--json")).AssertExit(4).Json.GetProperty("findings")[0];
        Assert.EndsWith("or name another one: zoho login --url https://...", gone.GetProperty("fix").GetString(), StringComparison.Ordinal);
        (await signedIn.RunAsync(["login", "--url", other.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        Assert.Equal("ok", (await signedIn.RunAsync("doctor", "--json")).Json.GetProperty("findings")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_ends_with_4()
    {
        using var nowhere = new Nowhere();
        _zoho.Environment["ZOHO_PLATFORM_URL"] = nowhere.Url.AbsoluteUri;

        var ran = (await _zoho.RunAsync("doctor", "--json")).AssertExit(4);

        Assert.Equal("unreachable", ran.Json.GetProperty("findings")[0].GetProperty("status").GetString());
    }
}
