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

        var page = await DecideAsync(browser, "reject");

        Assert.InRange((int)page.StatusCode, 400, 499);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal(before, await _platform.Gateway.GetStringAsync("/api/v1/connections"));
    }

    [Fact]
    public async Task The_callback_of_one_browser_is_of_no_use_in_another()
    {
        using var browser = NewBrowser();
        using var thief = new HttpClient();
        var consent = await browser.GetAsync(await _platform.OAuthLinkAsync(Zoho));
        var callback = await PostDecisionAsync(browser, consent, "accept", follow: false);

        var page = await thief.GetAsync(callback.Headers.Location);

        Assert.InRange((int)page.StatusCode, 400, 499);
    }

    private static HttpClient NewBrowser() => new(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });

    private async Task<HttpResponseMessage> DecideAsync(HttpClient browser, string decision, string begin = Zoho)
    {
        var start = await browser.GetAsync(await _platform.OAuthLinkAsync(begin));
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        return await PostDecisionAsync(browser, start, decision, follow: true);
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

    [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<option value=\"([^\"]*)\"")]
    private static partial Regex FirstAccount();
}
