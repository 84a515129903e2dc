using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests;

/// <summary>A person connects Zoho or HubSpot in a browser: the gateway's link, the provider's consent page, the gateway's last page.</summary>
[Collection(OneLaunch.Name)]
public sealed partial class ConnectTests(SharedPlatform shared)
{
    private const string Zoho = "zoho/oauth?features=campaigns&owner=browser@example.com";

    private readonly Platform _platform = shared.Platform;

    [Fact]
    public async Task A_person_who_accepts_ends_on_a_page_that_says_what_was_connected()
    {
        using var browser = NewBrowser();
        var page = await DecideAsync(browser, "accept");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("browser@example.com", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var connections = await _platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/connections");
        Assert.Contains(connections.GetProperty("connections").EnumerateArray(), c => c.GetProperty("owner").GetString() == "browser@example.com");
    }

    [Fact]
    public async Task HubSpot_is_connected_the_same_way()
    {
        using var browser = NewBrowser();
        var page = await DecideAsync(browser, "accept", "hubspot/oauth?owner=hubspot@example.com");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("HubSpot is connected", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var tried = await _platform.Gateway.PostAsJsonAsync("/api/settings/integrations/hubspot/test", new { });
        Assert.True((await tried.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_person_who_refuses_is_told_so_and_nothing_is_connected()
    {
        using var browser = NewBrowser();
        var before = await _platform.Gateway.GetStringAsync("/api/v1/connections");

        var (id, link) = await _platform.OAuthLinkAsync(Zoho);
        var page = await PostDecisionAsync(browser, await GoOnAsync(browser, link), "reject", follow: true);

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
        using var browser = NewBrowser();
        var (_, link) = await _platform.OAuthLinkAsync("zoho/oauth?features=campaigns&owner=again@example.com");
        var callback = await PostDecisionAsync(browser, await GoOnAsync(browser, link), "accept", follow: false);

        var first = await browser.GetAsync(callback.Headers.Location);
        var again = await browser.GetAsync(callback.Headers.Location);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Contains("Zoho is connected", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_links_that_are_open_in_one_browser_both_work()
    {
        using var browser = NewBrowser();
        var begun = new List<HttpResponseMessage>();
        foreach (var owner in (string[])["left@example.com", "right@example.com"])
        {
            var (_, link) = await _platform.OAuthLinkAsync($"zoho/oauth?features=campaigns&owner={owner}");
            begun.Add(await GoOnAsync(browser, link));
        }

        foreach (var start in begun)
        {
            Assert.Equal(HttpStatusCode.OK, (await PostDecisionAsync(browser, start, "accept", follow: true)).StatusCode);
        }
    }

    [Fact]
    public async Task The_callback_of_one_browser_is_of_no_use_in_another()
    {
        using var browser = NewBrowser();
        using var thief = new HttpClient();
        var (_, link) = await _platform.OAuthLinkAsync(Zoho);
        var callback = await PostDecisionAsync(browser, await GoOnAsync(browser, link), "accept", follow: false);

        var page = await thief.GetAsync(callback.Headers.Location);

        Assert.InRange((int)page.StatusCode, 400, 499);
    }

    private static HttpClient NewBrowser() => new(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });

    private async Task<HttpResponseMessage> DecideAsync(HttpClient browser, string decision, string begin = Zoho)
    {
        var (_, link) = await _platform.OAuthLinkAsync(begin);
        return await PostDecisionAsync(browser, await GoOnAsync(browser, link), decision, follow: true);
    }

    // what a click on the button of the link's page does
    private static async Task<HttpResponseMessage> GoOnAsync(HttpClient browser, Uri link)
    {
        var button = Button().Match(await browser.GetStringAsync(link));
        var start = await browser.GetAsync(new Uri(link, WebUtility.HtmlDecode(button.Groups[1].Value)));
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        return start;
    }

    // what a click on the consent page's button sends
    private static async Task<HttpResponseMessage> PostDecisionAsync(HttpClient browser, HttpResponseMessage start, string decision, bool follow)
    {
        var consentUrl = start.Headers.Location!;
        var consent = await browser.GetStringAsync(consentUrl);
        var action = WebUtility.HtmlDecode(FormAction().Match(consent).Groups[1].Value);
        var fields = HiddenField().Matches(consent).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
        fields["account"] = FirstAccount().Match(consent).Groups[1].Value;
        fields["decision"] = decision;
        var callback = await browser.PostAsync(new Uri(consentUrl, action), new FormUrlEncodedContent(fields));
        Assert.Equal(HttpStatusCode.Redirect, callback.StatusCode);
        return follow ? await browser.GetAsync(callback.Headers.Location) : callback;
    }

    [GeneratedRegex("<a class=\"button\"[^>]*href=\"([^\"]*)\"")]
    private static partial Regex Button();

    [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<option value=\"([^\"]*)\"")]
    private static partial Regex FirstAccount();
}
