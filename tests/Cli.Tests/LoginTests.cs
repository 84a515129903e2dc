using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

public sealed class LoginTests : IAsyncLifetime
{
    private readonly Zoho _zoho = new();
    private PlayedGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await PlayedGateway.StartAsync();

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_key_from_stdin_is_tried_and_stored_for_its_owner_alone()
    {
        var ran = (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key + "\n")).AssertExit(0);

        Assert.Contains("tenant demo, role admin", ran.Out, StringComparison.Ordinal);
        Assert.Contains(PlayedGateway.Key, File.ReadAllText(_zoho.CredentialsFile), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_zoho.CredentialsFile));
        }

        // and it is what later commands use
        _gateway.On("GET /api/v1/campaigns/lists", new { lists = Array.Empty<object>() });
        (await _zoho.RunAsync("campaigns", "lists")).AssertExit(0);
    }

    [Fact]
    public async Task A_key_from_a_file_and_one_from_the_environment_are_taken_too()
    {
        var file = _zoho.Write("key", PlayedGateway.Key + "\n");
        (await _zoho.RunAsync("login", "--url", _gateway.Url.AbsoluteUri, "--key-file", file)).AssertExit(0);
        File.Delete(_zoho.CredentialsFile);

        _zoho.Environment["ZOHO_PLATFORM_URL"] = _gateway.Url.AbsoluteUri;
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = PlayedGateway.Key;
        var ran = (await _zoho.RunAsync("login", "--json")).AssertExit(0);

        Assert.Equal("k3v9x2m8q7t1c5b0", ran.Json.GetProperty("key_id").GetString());
        Assert.True(File.Exists(_zoho.CredentialsFile));
    }

    [Fact]
    public async Task A_key_that_is_typed_is_not_shown()
    {
        var ran = await _zoho.RunInTerminalAsync(["login", "--url", _gateway.Url.AbsoluteUri], "(not shown):", PlayedGateway.Key + "\r");

        ran.AssertExit(0);
        Assert.Contains("not shown", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("fake-secret", ran.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_zoho.CredentialsFile));
    }

    [Fact]
    public async Task A_key_that_the_gateway_does_not_know_is_not_stored()
    {
        var ran = (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], "zp_other_fake-secret\n")).AssertExit(3);

        Assert.Contains("key_invalid", ran.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_zoho.CredentialsFile));
    }

    [Fact]
    public async Task What_to_do_about_a_key_that_is_not_taken_depends_on_where_it_comes_from()
    {
        const string OfVariable = "The key comes from ZOHO_PLATFORM_API_KEY: unset that and sign in with zoho login";
        const string Another = "Sign in with another key: zoho login";
        _zoho.Environment["ZOHO_PLATFORM_URL"] = _gateway.Url.AbsoluteUri;
        var file = _zoho.Write("key", "zp_other_fake-secret");
        Assert.Contains(Another, (await _zoho.RunAsync("login", "--key-file", file)).AssertExit(3).Error, StringComparison.Ordinal);

        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = "zp_other_fake-secret";

        Assert.Contains(OfVariable, (await _zoho.RunAsync("login")).AssertExit(3).Error, StringComparison.Ordinal);
        Assert.Contains(OfVariable, (await _zoho.RunAsync("connections")).AssertExit(3).Error, StringComparison.Ordinal);
        Assert.Contains(Another, (await _zoho.RunAsync("login", "--key-file", file)).AssertExit(3).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_key_at_all_is_not_even_sent()
    {
        var ran = (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri, "--json"], "hunter2\n")).AssertExit(3);

        Assert.Equal("key_malformed", ran.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("hunter2", ran.Out + ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_ends_with_4_and_stores_nothing()
    {
        using var nowhere = new Nowhere();

        var ran = (await _zoho.RunAsync(["login", "--url", nowhere.Url.AbsoluteUri], PlayedGateway.Key + "\n")).AssertExit(4);

        Assert.Contains("gateway_unreachable", ran.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_zoho.CredentialsFile));
    }

    [Fact]
    public async Task A_stored_key_goes_only_to_the_gateway_it_was_stored_for()
    {
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key + "\n")).AssertExit(0);
        await using var other = await PlayedGateway.StartAsync();
        _zoho.Environment["ZOHO_PLATFORM_URL"] = other.Url.AbsoluteUri;

        var ran = (await _zoho.RunAsync("campaigns", "lists")).AssertExit(3);

        Assert.Contains("not_signed_in", ran.Error, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [SkippableFact]
    public async Task A_stored_key_that_others_can_read_is_not_used()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no file modes.");
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key + "\n")).AssertExit(0);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_zoho.CredentialsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        var ran = (await _zoho.RunAsync("campaigns", "lists")).AssertExit(3);

        Assert.Contains("chmod 600", ran.Error, StringComparison.Ordinal);
        Assert.Empty(_gateway.Requests);
    }

    [Fact]
    public async Task In_a_checkout_the_demo_key_is_used_and_said()
    {
        _gateway.On("GET /api/v1/campaigns/lists", new { lists = Array.Empty<object>() });
        _zoho.Environment.Remove("ZOHO_PLATFORM_URL");
        Directory.CreateDirectory(Path.Combine(_zoho.WorkingFolder, ".zoho"));
        _zoho.Write(".zoho/demo.env", $"ZOHO_PLATFORM_API_KEY={PlayedGateway.Key}\nZOHO_PLATFORM_URL={_gateway.Url.AbsoluteUri}\n");
        (await _zoho.RunAsync("campaigns", "lists")).AssertExit(3);

        _zoho.Write("ZohoPlatform.sln", "");
        var ran = (await _zoho.RunAsync("campaigns", "lists")).AssertExit(0);

        Assert.Contains("Using the demo key of ", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_was_deleted_is_told_so_wherever_it_is_looked_at()
    {
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        Assert.Contains("Whether all is well: zoho doctor", (await _zoho.RunAsync([])).AssertExit(0).Out, StringComparison.Ordinal);
        Assert.True((await _zoho.RunAsync("profiles", "--json")).AssertExit(0).Json[0].GetProperty("opens").GetBoolean());
        _gateway.On("GET /api/v1/whoami", http => PlayedGateway.ProblemAsync(http, 401, "key_invalid", "The API key is deleted."));

        var alone = (await _zoho.RunAsync([])).AssertExit(0);
        Assert.Contains("does not take the key from profile default", alone.Out, StringComparison.Ordinal);
        Assert.Contains("zoho login", alone.Out, StringComparison.Ordinal);
        Assert.False((await _zoho.RunAsync("--json")).Json.GetProperty("signed_in").GetBoolean());
        Assert.Matches("(?m)^default .*refused: zoho login --profile default --url http", (await _zoho.RunAsync("profiles")).AssertExit(0).Out);
        Assert.Contains("key_invalid", (await _zoho.RunAsync("whoami")).AssertExit(3).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_gateways_are_stored_and_chosen_by_profile()
    {
        await using var other = await PlayedGateway.StartAsync();
        other.On("GET /api/v1/campaigns/lists", new { lists = Array.Empty<object>() });
        _gateway.On("GET /api/v1/campaigns/lists", new { lists = Array.Empty<object>() });
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        (await _zoho.RunAsync(["login", "--url", other.Url.AbsoluteUri, "--profile", "staging"], PlayedGateway.Key)).AssertExit(0);

        (await _zoho.RunAsync("campaigns", "lists")).AssertExit(0);
        Assert.Empty(other.Requests);
        (await _zoho.RunAsync("campaigns", "lists", "--profile", "staging")).AssertExit(0);
        (await _zoho.RunAsync("campaigns", "lists", "--url", other.Url.AbsoluteUri)).AssertExit(0);
        _zoho.Environment["ZOHO_PLATFORM_PROFILE"] = "staging";
        (await _zoho.RunAsync("campaigns", "lists")).AssertExit(0);
        Assert.Equal((1, 3), (_gateway.Requests.Count, other.Requests.Count));

        // a key goes to the address it was stored for, and nowhere else
        Assert.Contains("profile_elsewhere", (await _zoho.RunAsync("whoami", "--url", _gateway.Url.AbsoluteUri)).AssertExit(3).Error, StringComparison.Ordinal);
        Assert.Contains(
            "profile_unknown", (await _zoho.RunAsync("whoami", "--profile", "production")).AssertExit(3).Error, StringComparison.Ordinal);
        var profiles = (await _zoho.RunAsync("profiles", "--json")).AssertExit(0);
        Assert.Equal(["default", "staging"], profiles.Json.EnumerateArray().Select(profile => profile.GetProperty("profile").GetString()));

        var forgotten = (await _zoho.RunAsync("logout", "--profile", "staging")).AssertExit(0);
        Assert.Contains("zoho keys delete k3v9x2m8q7t1c5b0", forgotten.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("staging", File.ReadAllText(_zoho.CredentialsFile), StringComparison.Ordinal);
        (await _zoho.RunAsync("whoami")).AssertExit(3);
        (await _zoho.RunAsync("whoami", "--profile", "default")).AssertExit(0);
    }

    [Fact]
    public async Task Who_one_is_and_whence_the_key_comes_is_said()
    {
        Assert.Contains(
            "Next, sign in: zoho login --url https://your-gateway", (await _zoho.RunAsync()).AssertExit(0).Out, StringComparison.Ordinal);
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        Assert.Contains("zoho doctor", (await _zoho.RunAsync()).AssertExit(0).Out, StringComparison.Ordinal);

        Assert.Matches("(?m)^Key +k3v9x2m8q7t1c5b0, from profile default$", (await _zoho.RunAsync("whoami")).AssertExit(0).Out);
        // what is said on the command line wins over the environment, and that over what is stored
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = PlayedGateway.Key;
        Assert.Equal("ZOHO_PLATFORM_API_KEY", (await _zoho.RunAsync("whoami", "--json")).AssertExit(0).Json.GetProperty("from").GetString());
        Assert.Equal(
            "profile default",
            (await _zoho.RunAsync("whoami", "--json", "--profile", "default")).AssertExit(0).Json.GetProperty("from").GetString());
    }

    [Theory]
    [InlineData("zp_k3v9x2m8q7t1c5b0_fake\u2013secret", "a character that is not ASCII (number 25)")]
    [InlineData("zp_k3v9x2m8q7t1c5b0_fake secret", "a blank")]
    [InlineData("fake-secret", "is no API key of the platform")]
    public async Task A_key_that_no_gateway_could_be_sent_is_refused_as_what_it_is(string key, string said)
    {
        _zoho.Environment["ZOHO_PLATFORM_URL"] = _gateway.Url.AbsoluteUri;
        _zoho.Environment["ZOHO_PLATFORM_API_KEY"] = key;

        foreach (var command in (string[])["whoami", "login", "connections"])
        {
            var ran = (await _zoho.RunAsync(command)).AssertExit(3);
            Assert.Contains(said, ran.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", ran.Error.Replace("{secret}", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_of_keys_that_cannot_be_read_is_said_and_signing_in_mends_it()
    {
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        File.WriteAllText(_zoho.CredentialsFile, "{");

        Assert.Contains("sign in again with zoho login", (await _zoho.RunAsync("whoami")).AssertExit(3).Error, StringComparison.Ordinal);
        (await _zoho.RunAsync(["login", "--url", _gateway.Url.AbsoluteUri], PlayedGateway.Key)).AssertExit(0);
        (await _zoho.RunAsync("whoami")).AssertExit(0);
    }
}
