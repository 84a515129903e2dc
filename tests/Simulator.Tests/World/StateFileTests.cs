using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests.World;

public sealed class StateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulator-tests-").FullName;

    private string StateFile => Path.Combine(_folder, "below", "world.json");

    [Fact]
    public async Task Tokens_lists_and_contacts_outlive_a_restart()
    {
        string refreshToken, accessToken;
        using (var before = Start())
        {
            refreshToken = await before.MintRefreshTokenAsync();
            accessToken = await before.AccessTokenAsync(refreshToken);
            using var subscribed = await before.SubscribeAsync(accessToken, """{"Contact Email":"zoe@example.com"}""");
            using var second = await before.SubscribeAsync(accessToken, """{"Contact Email":"ann@example.com","Country":"FR"}""");
            await before.SeedAsync(new { email = "left@example.com", status = "unsub", do_not_mail = true });
            await before.ControlAsync(
                HttpMethod.Post, $"lists/us/{SimulatorHost.ListKey}/campaigns",
                new { name = "News", key = "3zfakenews", figures = new { opened = 2 } });
            await before.ControlAsync(HttpMethod.Put, "clients", new { client_id = "1000.FAKESECOND", secrets = new { us = "fakesecret" } });
            await before.ControlAsync(HttpMethod.Post, "tokens/kill", new { kind = "refresh", token = SimulatorHost.DemoRefreshToken() });
            await before.StopAsync();
        }

        using var after = Start();

        Assert.Equal(3, (await after.ContactsAsync()).GetArrayLength());
        Assert.Equal("FR", (await after.ContactsAsync())[1].GetProperty("fields").GetProperty("Country").GetString());
        Assert.Equal("0", await SimulatorHost.CodeAsync(after.SubscribeAsync(accessToken, """{"Contact Email":"ann@example.com"}""")));
        Assert.Equal("2006", await SimulatorHost.CodeAsync(after.SubscribeAsync(accessToken, """{"Contact Email":"left@example.com"}""")));
        Assert.NotEmpty(await after.AccessTokenAsync(refreshToken));
        using var report = await after.CampaignsAsync(
            HttpMethod.Post, "campaignreports", accessToken, [("resfmt", "JSON"), ("campaignkey", "3zfakenews")]);
        Assert.Contains("\"opens_count\":\"2\"", await report.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var killed = await after.RefreshAsync();
        Assert.Equal("""{"error":"invalid_code"}""", await killed.Content.ReadAsStringAsync());
        var state = await after.ControlAsync(HttpMethod.Get, "state");
        Assert.Contains("1000.FAKESECOND", state.GetProperty("clients").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_in_the_file_soon_without_a_stop()
    {
        using var zoho = Start();
        using var subscribed = await zoho.SubscribeAsync(await zoho.AccessTokenAsync(), """{"Contact Email":"ann@example.com"}""");

        await Eventually.GetAsync(
            async () => File.Exists(StateFile) ? await File.ReadAllTextAsync(StateFile) : "",
            written => written.Contains("ann@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_client_is_as_configured_now_and_keeps_the_addresses_it_was_given()
    {
        using (var before = Start(("Simulator:Demo:RedirectUris:0", "http://127.0.0.1:9/old")))
        {
            await before.StopAsync();
        }

        using var after = Start(("Simulator:Demo:RedirectUris:0", "http://127.0.0.1:9/new"), ("Simulator:Demo:Secrets:us", "fakesecret-new"));

        var world = await after.ControlAsync(HttpMethod.Get, "world");
        Assert.Equal(
            "http://127.0.0.1:9/new http://127.0.0.1:9/old",
            string.Join(' ', world.GetProperty("client").GetProperty("redirect_uris").EnumerateArray()));
        using var refreshed = await after.RefreshAsync(secret: "fakesecret-new");
        Assert.Contains("access_token", await refreshed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"something":"else"}""")]
    [InlineData("{}")]
    public async Task A_file_that_is_no_state_stops_the_start_and_is_named(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(StateFile)!);
        await File.WriteAllTextAsync(StateFile, content);

        var stopped = Assert.Throws<InvalidOperationException>(() => new SimulatorHost(("Simulator:StateFile", StateFile)));

        Assert.Contains("Simulator:StateFile", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(StateFile));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SimulatorHost Start(params (string Setting, string Value)[] settings) => new([("Simulator:StateFile", StateFile), .. settings]);
}
