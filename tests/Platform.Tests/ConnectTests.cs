using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Platform.Tests;

/// <summary>A person connects Zoho or HubSpot in a browser: the gateway's link, the provider's consent page, the gateway's last page.</summary>
[Collection(OneLaunch.Name)]
public sealed class ConnectTests(SharedPlatform shared)
{
    private const string Zoho = "zoho/oauth?features=campaigns&owner=browser@example.com";

    private readonly Platform _platform = shared.Platform;

    [Fact]
    public async Task A_person_who_accepts_ends_on_a_page_that_says_what_was_connected()
    {
        using var browser = new Browser();
        var page = await DecideAsync(browser, "accept");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        var told = await page.Content.ReadAsStringAsync();
        var world = await _platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        var home = world.GetProperty("data_centres").EnumerateArray().First(one => one.GetProperty("code").GetString() == "us");
        Assert.All(
            ["browser@example.com", home.GetProperty("email").GetString()!, "<dd>us</dd>"],
            text => Assert.Contains(text, told, StringComparison.Ordinal));
        var connections = await _platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/connections");
        Assert.Contains(connections.GetProperty("connections").EnumerateArray(), c => c.GetProperty("owner").GetString() == "browser@example.com");
    }

    [Fact]
    public async Task HubSpot_is_connected_the_same_way()
    {
        using var browser = new Browser();
        var page = await DecideAsync(browser, "accept", "hubspot/oauth?owner=hubspot@example.com");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("HubSpot is connected", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var tried = await _platform.Gateway.PostAsJsonAsync("/api/settings/integrations/hubspot/test", new { });
        Assert.True((await tried.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_person_who_refuses_is_told_so_and_nothing_is_connected()
    {
        using var browser = new Browser();
        var before = await _platform.Gateway.GetStringAsync("/api/v1/connections");

        var (id, link) = await _platform.OAuthLinkAsync(Zoho);
        var page = await browser.FinishAsync(link, "reject");

        Assert.InRange((int)page.StatusCode, 400, 499);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal(before, await _platform.Gateway.GetStringAsync("/api/v1/connections"));
        // who waits for it, as zoho connect does, is told at once
        var ended = await _platform.Gateway.GetFromJsonAsync<JsonElement>($"/api/v1/crm/zoho/oauth/{id}");
        Assert.Equal(("failed", "access_denied"), (ended.GetProperty("state").GetString(), ended.GetProperty("failure").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_success_page_that_is_loaded_again_shows_success()
    {
        using var browser = new Browser();
        var (_, link) = await _platform.OAuthLinkAsync("zoho/oauth?features=campaigns&owner=again@example.com");
        var callback = await browser.DecideAsync(await browser.GoOnAsync(link), "accept");

        var first = await browser.GetAsync(callback.Headers.Location);
        var again = await browser.GetAsync(callback.Headers.Location);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Contains("Zoho is connected", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_links_that_are_open_in_one_browser_both_work()
    {
        using var browser = new Browser();
        var begun = new List<HttpResponseMessage>();
        foreach (var owner in (string[])["left@example.com", "right@example.com"])
        {
            var (_, link) = await _platform.OAuthLinkAsync($"zoho/oauth?features=campaigns&owner={owner}");
            begun.Add(await browser.GoOnAsync(link));
        }

        foreach (var start in begun)
        {
            var callback = await browser.DecideAsync(start, "accept");
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(callback.Headers.Location)).StatusCode);
        }
    }

    [Fact]
    public async Task The_callback_of_one_browser_is_of_no_use_in_another()
    {
        using var browser = new Browser();
        using var thief = new Browser();
        var (_, link) = await _platform.OAuthLinkAsync(Zoho);
        var callback = await browser.DecideAsync(await browser.GoOnAsync(link), "accept");

        var page = await thief.GetAsync(callback.Headers.Location);

        Assert.InRange((int)page.StatusCode, 400, 499);
    }

    private async Task<HttpResponseMessage> DecideAsync(Browser browser, string decision, string begin = Zoho)
    {
        var (_, link) = await _platform.OAuthLinkAsync(begin);
        return await browser.FinishAsync(link, decision);
    }
}
