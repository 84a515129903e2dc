using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary><c>zoho settings</c>.</summary>
public sealed class SettingsTests : IAsyncLifetime
{
    private const string Zoho = "/api/settings/integrations/zoho";
    private const string HubSpot = "/api/settings/integrations/hubspot";
    private const string Secret = "fake-client-secret-value";

    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        var zoho = new { client_id = "1000.fake-client-id", client_secret = "••••alue", region = "eu", enabled = true };
        _gateway.On($"GET {Zoho}", zoho);
        _gateway.On($"POST {Zoho}", zoho);
        _gateway.On($"GET {HubSpot}", new { });
        _gateway.On($"POST {HubSpot}", new { client_id = "fake-client-id", client_secret = "••••alue" });
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task They_are_shown_with_what_to_do_about_what_is_missing()
    {
        var zoho = (await _zoho.RunAsync("settings", "show")).AssertExit(0);
        Assert.Matches("(?m)^Client secret +••••alue$", zoho.Out);
        Assert.Matches("(?m)^Mailing list +not set: zoho settings set zoho --list KEY$", zoho.Out);
        Assert.Matches("(?m)^Enabled +yes$", zoho.Out);

        var hubSpot = (await _zoho.RunAsync("settings", "show", "hubspot")).AssertExit(0);
        Assert.Contains("zoho settings set hubspot --client-id ID --client-secret", hubSpot.Out, StringComparison.Ordinal);
        Assert.Equal("eu", (await _zoho.RunAsync("settings", "show", "zoho", "--json")).AssertExit(0).Json.GetProperty("region").GetString());
    }

    [Fact]
    public async Task What_is_named_is_changed_and_nothing_else_is_sent()
    {
        (await _zoho.RunAsync("settings", "set", "zoho", "--region", "eu", "--enabled", "no", "--api-domain", "", "--list", "3z1")).AssertExit(0);
        (await _zoho.RunAsync("settings", "set", "hubspot", "--enabled", "yes")).AssertExit(0);
        (await _zoho.RunAsync(
            "settings", "set", "zoho", "--default-region", "GB", "--messages-module", "Chats", "--crm-organization", "88", "--daily-notes", "no",
            "--dialog-url", "https://chat.example.com/{conversation_id}", "--lead-source", "")).AssertExit(0);

        Assert.Equal("""{"region":"eu","enabled":false,"api_domain":"","campaigns_list_key":"3z1"}""", _gateway.Requests[0].Body);
        Assert.Equal("""{"enabled":true}""", _gateway.Requests[1].Body);
        Assert.Equal(
            """{"default_region":"GB","messages_module":"Chats","crm_organization_id":"88","daily_notes":false,"dialog_url":"https://chat.example.com/{conversation_id}","lead_source":""}""",
            _gateway.Requests[2].Body);
    }

    [SkippableFact]
    public async Task A_secret_comes_from_a_file_standard_input_or_a_keyboard_and_is_never_shown()
    {
        var file = _zoho.Write("secret", Secret + "\n");
        string[] set = ["settings", "set", "zoho"];

        Ran[] ran =
        [
            await _zoho.RunAsync([.. set, "--client-secret-file", file]),
            await _zoho.RunAsync([.. set, "--client-secret", "--json"], Secret + "\n"),
            await _zoho.RunAsync([.. set, "--client-secret", "--secret-of", "in", "--remove-secret-of", "au"], Secret + "\n"),
            await _zoho.RunAsync(["settings", "set", "hubspot", "--client-secret"], Secret + "\n"),
        ];

        Assert.All(ran, one => Assert.DoesNotContain(Secret, one.AssertExit(0).Out + one.Error, StringComparison.Ordinal));
        Assert.Equal(
            [
                $$"""{"client_secret":"{{Secret}}"}""",
                $$"""{"client_secret":"{{Secret}}"}""",
                $$$"""{"client_secrets":{"au":"","in":"{{{Secret}}}"}}""",
                $$"""{"client_secret":"{{Secret}}"}""",
            ],
            _gateway.Requests.Select(request => request.Body));
        Assert.Contains("nothing was changed", (await _zoho.RunAsync([.. set, "--client-secret"], "\n")).AssertExit(3).Error, StringComparison.Ordinal);
        (await _zoho.RunAsync([.. set, "--client-secret", "--client-secret-file", file])).AssertExit(1);
        (await _zoho.RunAsync([.. set, "--region", "eu", "--secret-of", "in"])).AssertExit(1);
        Assert.Equal(4, _gateway.Requests.Count);

        Skip.If(OperatingSystem.IsWindows(), "Windows has no script command.");
        var typed = (await _zoho.RunInTerminalAsync([.. set, "--client-secret"], "(not shown):", Secret + "\r")).AssertExit(0);
        Assert.DoesNotContain(Secret, typed.Out, StringComparison.Ordinal);
        Assert.Contains(Secret, _gateway.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_told_in_options()
    {
        _gateway.On($"POST {Zoho}", http => PlayedGateway.ProblemAsync(
            http, 400, "invalid_field", "client_id must have at most 200 characters and no spaces.", "client_id"));

        var ran = (await _zoho.RunAsync("settings", "set", "zoho", "--client-id", "a b")).AssertExit(3);

        Assert.Contains("Error: --client-id ID must have at most 200 characters", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_says_each_cause_once_and_what_follows_from_it()
    {
        _gateway.On($"POST {Zoho}/test", new
        {
            ok = false,
            checks = new object[]
            {
                new
                {
                    name = "connection",
                    ok = false,
                    code = "client_secret_refused",
                    message = "Zoho refuses the secret.",
                    findings = new[] { new { name = "client", status = "failed", message = "Zoho refuses the secret." } },
                },
                new { name = "campaigns_list", ok = false, code = "client_secret_refused", message = "It was not read.", follows_from = "connection" },
            },
        });
        _gateway.On($"POST {HubSpot}/test", new { ok = true, checks = new[] { new { name = "connection", ok = true, message = "HubSpot answered." } } });

        var ran = (await _zoho.RunAsync("settings", "test")).AssertExit(3);

        // one cause, one line
        Assert.Single(ran.Out.Split('\n'), line => line.StartsWith("failed", StringComparison.Ordinal));
        Assert.Contains("failed      connection      Zoho refuses the secret.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Because of it not either: campaigns list.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("HubSpot answered.", (await _zoho.RunAsync("settings", "test", "hubspot")).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.False((await _zoho.RunAsync("settings", "test", "--json")).AssertExit(3).Json.GetProperty("ok").GetBoolean());
    }
}
