using System.Net;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests;

/// <summary>A person's browser on the way through a link, with cookies of its own: it follows no redirect that it is not told to.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });

    public Task<HttpResponseMessage> GetAsync(Uri? page) => _http.GetAsync(page);

    /// <summary>Clicks the button of a link's page; the answer leads to the provider.</summary>
    public async Task<HttpResponseMessage> GoOnAsync(Uri link)
    {
        var button = Button().Match(await _http.GetStringAsync(link));
        var start = await _http.GetAsync(new Uri(link, WebUtility.HtmlDecode(button.Groups[1].Value)));
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        return start;
    }

    /// <summary>Clicks a button of the provider's consent page, <c>accept</c> or <c>reject</c>, for its first account; the answer leads back.</summary>
    public async Task<HttpResponseMessage> DecideAsync(HttpResponseMessage start, string decision)
    {
        var consentUrl = start.Headers.Location!;
        var consent = await _http.GetStringAsync(consentUrl);
        var action = WebUtility.HtmlDecode(FormAction().Match(consent).Groups[1].Value);
        var fields = HiddenField().Matches(consent).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
        fields["account"] = FirstAccount().Match(consent).Groups[1].Value;
        fields["decision"] = decision;
        var callback = await _http.PostAsync(new Uri(consentUrl, action), new FormUrlEncodedContent(fields));
        Assert.Equal(HttpStatusCode.Redirect, callback.StatusCode);
        return callback;
    }

    /// <summary>All the way: what the last page is.</summary>
    public async Task<HttpResponseMessage> FinishAsync(Uri link, string decision) =>
        await GetAsync((await DecideAsync(await GoOnAsync(link), decision)).Headers.Location);

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<a class=\"button\"[^>]*href=\"([^\"]*)\"")]
    private static partial Regex Button();

    [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<option value=\"([^\"]*)\"")]
    private static partial Regex FirstAccount();
}
