using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ZohoPlatform.Simulator.Tests.Accounts;

public sealed partial class ConsentTests : IDisposable
{
    private const long UserOfUs = 10_000_000_001;
    private const long UserOfEu = 10_000_000_002;

    private readonly SimulatorHost _zoho = new();

    [Fact]
    public async Task The_page_says_who_asks_for_what_and_offers_every_account()
    {
        using var response = await AskAsync();

        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Zoho platform (demo)", page, StringComparison.Ordinal);
        Assert.Contains("see, add, change and delete mailing lists and their contacts", page, StringComparison.Ordinal);
        Assert.Contains("ada.eu@demo.example, Demo Company", page, StringComparison.Ordinal);
        Assert.Contains("""value="accept">Accept</button>""", page, StringComparison.Ordinal);
        Assert.Contains("""value="reject">Reject</button>""", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepting_leads_back_with_a_code_for_the_data_centre_of_the_account()
    {
        var answer = await DecideAsync("accept", UserOfEu);

        Assert.Matches(@"^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$", answer["code"].ToString());
        Assert.Equal("eu", answer["location"].ToString());
        Assert.Equal("https://accounts.zoho.eu", answer["accounts-server"].ToString());
        Assert.Equal("s t&1", answer["state"].ToString());

        using var tokens = await _zoho.ExchangeAsync(answer["code"].ToString(), "eu", SimulatorHost.RedirectUri);
        Assert.True((await SimulatorHost.JsonAsync(tokens)).TryGetProperty("refresh_token", out _));
    }

    [Fact]
    public async Task Rejecting_leads_back_with_access_denied()
    {
        var answer = await DecideAsync("reject", UserOfUs);

        Assert.Equal("access_denied", answer["error"].ToString());
        Assert.Equal("s t&1", answer["state"].ToString());
        Assert.False(answer.ContainsKey("code"));
    }

    [Fact]
    public async Task A_code_from_the_page_needs_the_same_redirect_uri()
    {
        var answer = await DecideAsync("accept", UserOfUs);

        using var without = await _zoho.ExchangeAsync(answer["code"].ToString());
        using var other = await _zoho.ExchangeAsync(answer["code"].ToString(), redirectUri: "http://127.0.0.1:9/elsewhere");

        Assert.Equal("""{"error":"invalid_redirect_uri"}""", await without.Content.ReadAsStringAsync());
        Assert.Equal("""{"error":"invalid_redirect_uri"}""", await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_code_from_the_page_lives_two_minutes()
    {
        await _zoho.FreezeAsync();
        var answer = await DecideAsync("accept", UserOfUs);
        await _zoho.AdvanceAsync(TimeSpan.FromMinutes(2));

        using var late = await _zoho.ExchangeAsync(answer["code"].ToString(), redirectUri: SimulatorHost.RedirectUri);

        Assert.Equal("""{"error":"invalid_code"}""", await late.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("online", "consent", false)]
    [InlineData("offline", "consent", true)]
    // the demo user has had a refresh token before
    [InlineData("offline", null, false)]
    [InlineData(null, "consent", false)]
    public async Task Only_offline_access_with_consent_gives_a_returning_user_a_refresh_token(string? accessType, string? prompt, bool given)
    {
        var answer = await DecideAsync("accept", UserOfUs, ("access_type", accessType), ("prompt", prompt));

        using var response = await _zoho.ExchangeAsync(answer["code"].ToString(), redirectUri: SimulatorHost.RedirectUri);

        var tokens = await SimulatorHost.JsonAsync(response);
        Assert.True(tokens.TryGetProperty("access_token", out _));
        Assert.Equal(given, tokens.TryGetProperty("refresh_token", out _));
    }

    [Fact]
    public async Task A_new_user_gets_a_refresh_token_without_prompt_the_first_time_only()
    {
        var user = await _zoho.ControlAsync(HttpMethod.Post, "users", new { organisation_id = 60_000_000_001, email = "new@demo.example" });
        var zuid = user.GetProperty("zuid").GetInt64();

        var given = new List<bool>();
        for (var i = 0; i < 2; i++)
        {
            var answer = await DecideAsync("accept", zuid, ("prompt", null));
            using var response = await _zoho.ExchangeAsync(answer["code"].ToString(), redirectUri: SimulatorHost.RedirectUri);
            given.Add((await SimulatorHost.JsonAsync(response)).TryGetProperty("refresh_token", out _));
        }

        Assert.Equal([true, false], given);
    }

    [Theory]
    [InlineData("client_id", "1000.FAKENOBODY", "Invalid Client")]
    [InlineData("redirect_uri", "http://evil.example/", "Invalid Redirect Uri")]
    [InlineData("scope", "ZohoCampaigns.contact.all", "Invalid OAuth Scope")]
    [InlineData("scope", null, "Invalid OAuth Scope")]
    [InlineData("response_type", "token", "Invalid Response Type")]
    public async Task A_wrong_request_ends_on_a_page_and_never_at_the_redirect_uri(string parameter, string? value, string title)
    {
        using var response = await AskAsync((parameter, value));

        Assert.Null(response.Headers.Location);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains($"<h1 class=\"error\">{title}</h1>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_request_brings_is_encoded_on_the_page()
    {
        using var response = await AskAsync(("state", "\"><script>alert(1)</script>"));
        using var error = await AskAsync(("scope", "<script>alert(1)</script>"));

        Assert.DoesNotContain("<script>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", await error.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_eleventh_code_in_ten_minutes_is_denied()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.True((await DecideAsync("accept", UserOfUs)).ContainsKey("code"));
        }

        Assert.Equal("access_denied", (await DecideAsync("accept", UserOfUs))["error"].ToString());
    }

    [Fact]
    public async Task Chinas_accounts_are_only_offered_at_chinas_host()
    {
        using var atHome = await AskAsync("accounts.zoho.com.cn");
        using var abroad = await AskAsync("accounts.zoho.com");

        Assert.Equal("cn", Offered(await atHome.Content.ReadAsStringAsync()));
        Assert.Equal("us eu in au jp ca sa uk ae sg", Offered(await abroad.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_client_of_one_data_centre_is_told_no_location()
    {
        await _zoho.ControlAsync(HttpMethod.Put, "clients", new
        {
            client_id = "1000.FAKEONLYEU",
            redirect_uris = new[] { "http://127.0.0.1:9/callback?app=1" },
            secrets = new { eu = "fakesecret" },
        });

        var answer = await DecideAsync(
            "accept", UserOfEu, "accounts.zoho.eu", ("client_id", "1000.FAKEONLYEU"), ("redirect_uri", "http://127.0.0.1:9/callback?app=1"));

        Assert.Equal("app code accounts-server state", string.Join(' ', answer.Keys));
    }

    public void Dispose() => _zoho.Dispose();

    private static string Offered(string page) => string.Join(' ', OptionGroup().Matches(page).Select(match => match.Groups["code"].Value));

    private static Dictionary<string, string?> Request((string Name, string? Value)[] changes)
    {
        var request = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["response_type"] = "code",
            ["client_id"] = SimulatorHost.ClientId,
            ["redirect_uri"] = SimulatorHost.RedirectUri,
            ["scope"] = "ZohoCampaigns.contact.ALL,AaaServer.profile.READ",
            ["access_type"] = "offline",
            ["prompt"] = "consent",
            ["state"] = "s t&1",
        };
        foreach (var (name, value) in changes)
        {
            request[name] = value;
        }

        return request;
    }

    private Task<HttpResponseMessage> AskAsync(params (string Name, string? Value)[] changes) => AskAsync("accounts.zoho.com", changes);

    private Task<HttpResponseMessage> AskAsync(string host, params (string Name, string? Value)[] changes) =>
        _zoho.Http.GetAsync(QueryHelpers.AddQueryString($"/{host}/oauth/v2/auth", Request(changes)));

    private Task<Dictionary<string, StringValues>> DecideAsync(
        string decision, long zuid, params (string Name, string? Value)[] changes) => DecideAsync(decision, zuid, "accounts.zoho.com", changes);

    private async Task<Dictionary<string, StringValues>> DecideAsync(
        string decision, long zuid, string host, params (string Name, string? Value)[] changes)
    {
        using var asked = await AskAsync(host, changes);
        var hidden = HiddenField().Matches(await asked.Content.ReadAsStringAsync())
            .Select(match => (match.Groups["name"].Value, (string?)WebUtility.HtmlDecode(match.Groups["value"].Value)));
        using var response = await _zoho.PostFormAsync(
            $"/{host}/oauth/v2/approve", [.. hidden, ("decision", decision), ("account", $"{zuid}")]);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        return QueryHelpers.ParseQuery(response.Headers.Location!.Query);
    }

    [GeneratedRegex("""<input type="hidden" name="(?<name>[a-z_]+)" value="(?<value>[^"]*)">""", RegexOptions.NonBacktracking)]
    private static partial Regex HiddenField();

    [GeneratedRegex("""<optgroup label="(?<code>[a-z]{2}) """, RegexOptions.NonBacktracking)]
    private static partial Regex OptionGroup();
}
