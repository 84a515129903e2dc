using System.Collections.Specialized;
using System.Net;
using System.Text.RegularExpressions;
using System.Web;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>The simulator's consent pages, and a person who accepts.</summary>
internal static partial class ConsentPage
{
    /// <summary>Does what a person does on the consent page; the callback's parameters.</summary>
    public static async Task<NameValueCollection> AcceptAsync(string page)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var html = await browser.GetStringAsync(page);
        var form = Hidden().Matches(html).ToDictionary(
            match => match.Groups["name"].Value, match => HttpUtility.HtmlDecode(match.Groups["value"].Value), StringComparer.Ordinal);
        form["account"] = Account().Match(html).Groups["value"].Value;
        form["decision"] = "accept";
        var approve = new Uri(new Uri(page), Action().Match(html).Groups["value"].Value);
        using var answer = await browser.PostAsync(approve, new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return HttpUtility.ParseQueryString(answer.Headers.Location!.Query);
    }

    [GeneratedRegex(
        """<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)">""",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hidden();

    [GeneratedRegex("""<option value="(?<value>[^"]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Account();

    [GeneratedRegex("""<form method="post" action="(?<value>[^"]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Action();
}
