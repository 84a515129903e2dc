using System.Net;
using FsCheck;
using FsCheck.Fluent;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho;

public sealed class ZohoAccountsClientTests : IDisposable
{
    private const string Granted = """
        {"access_token":"1000.fake.access","refresh_token":"1000.fake.refresh","scope":"ZohoCampaigns.contact.ALL ZohoCRM.modules.ALL",
         "api_domain":"https://www.zohoapis.eu","token_type":"Bearer","expires_in":3600}
        """;

    private static readonly DataCentre Eu = DataCentres.Find("eu")!;

    private readonly PlayedProvider _zoho = new();
    private readonly HttpClient _http;
    private readonly ZohoAccountsClient _client;

    public ZohoAccountsClientTests()
    {
        _http = new HttpClient(_zoho) { Timeout = TimeSpan.FromMilliseconds(200) };
        _client = new ZohoAccountsClient(_http);
    }

    [Theory]
    [InlineData("COM", "us")]
    [InlineData("com.au", "au")]
    [InlineData(".eu", "eu")]
    [InlineData("zohocloud.ca", "ca")]
    [InlineData("moon", null)]
    [InlineData("", null)]
    public void A_place_is_found_by_every_name_of_its_data_centre(string name, string? code) =>
        Assert.Equal(code, new ZohoProvider(_client).FindPlace(name)?.Code);

    [Fact]
    public async Task A_code_becomes_a_grant()
    {
        _zoho.Answers(Granted);

        var grant = Value(await _client.ExchangeCodeAsync(
            Eu, "1000.fakeclient", "fake secret+&", "1000.fake.code", "https://app.example/back?a=b", default));

        Assert.Equal("1000.fake.access", grant.AccessToken);
        Assert.Equal("1000.fake.refresh", grant.RefreshToken);
        Assert.Equal(TimeSpan.FromHours(1), grant.ExpiresIn);
        Assert.Equal(["ZohoCampaigns.contact.ALL", "ZohoCRM.modules.ALL"], grant.Scopes);
        Assert.Equal("https://www.zohoapis.eu", grant.ApiDomain);

        var sent = Assert.Single(_zoho.Requests);
        Assert.Equal(
            (HttpMethod.Post, "https://accounts.zoho.eu/oauth/v2/token", "application/x-www-form-urlencoded"),
            (sent.Method, sent.Address, sent.ContentType));
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = "1000.fakeclient",
                ["client_secret"] = "fake secret+&",
                ["code"] = "1000.fake.code",
                ["redirect_uri"] = "https://app.example/back?a=b",
            },
            sent.Form);
    }

    [Fact]
    public async Task A_self_clients_code_has_no_redirect_uri()
    {
        _zoho.Answers(Granted);

        await ExchangeAsync();

        Assert.False(Assert.Single(_zoho.Requests).Form.ContainsKey("redirect_uri"));
    }

    [Fact]
    public async Task A_refresh_goes_to_the_data_centre_of_the_grant_and_brings_no_refresh_token()
    {
        _zoho.Answers("""{"access_token":"1000.fake.access","api_domain":"https://www.zohoapis.ca","expires_in":3600}""");

        var grant = Value(await _client.RefreshAsync(DataCentres.Find("ca")!, "1000.fakeclient", "fake", "1000.fake.refresh", default));

        Assert.Null(grant.RefreshToken);
        Assert.Empty(grant.Scopes);
        var sent = Assert.Single(_zoho.Requests);
        Assert.Equal("https://accounts.zohocloud.ca/oauth/v2/token", sent.Address);
        Assert.Equal(("refresh_token", "1000.fake.refresh"), (sent.Form["grant_type"], sent.Form["refresh_token"]));
    }

    [Theory]
    [InlineData("""{"access_token":"1000.fake.access","expires_in":3600}""", 3600)]
    [InlineData("""{"access_token":"1000.fake.access","expires_in":"3600"}""", 3600)]
    [InlineData("""{"access_token":"1000.fake.access","expires_in_sec":3600,"expires_in":3600000}""", 3600)]
    [InlineData("""{"access_token":"1000.fake.access","expires_in_sec":"3600","expires_in":"3600000"}""", 3600)]
    [InlineData("""{"access_token":"1000.fake.access","expires_in":3600000}""", 3600)]
    [InlineData("""{"access_token":"1000.fake.access","expires_in_sec":60}""", 60)]
    public async Task The_life_of_a_token_is_read_in_both_units(string body, int seconds)
    {
        _zoho.Answers(body);

        Assert.Equal(TimeSpan.FromSeconds(seconds), Value(await RefreshAsync()).ExpiresIn);
    }

    [Theory]
    [InlineData("https://api.zoho.eu", "https://www.zohoapis.eu")]
    [InlineData("https://www.zohoapis.in", "https://www.zohoapis.in")]
    [InlineData("https://www.zohoapis.eu.attacker.example", null)]
    [InlineData("", null)]
    public async Task An_api_domain_is_believed_only_where_the_table_has_it(string said, string? believed)
    {
        _zoho.Answers($$"""{"access_token":"1000.fake.access","expires_in":3600,"api_domain":"{{said}}"}""");

        Assert.Equal(believed, Value(await RefreshAsync()).ApiDomain);
    }

    [Theory]
    [InlineData("invalid_code", "grant_revoked", "grant_code_invalid")]
    [InlineData("invalid_grant", "grant_revoked", "grant_code_invalid")]
    [InlineData("invalid_client", "client_refused", "client_refused")]
    [InlineData("invalid_client_secret", "client_secret_refused", "client_secret_refused")]
    [InlineData("invalid_redirect_uri", "redirect_uri_refused", "redirect_uri_refused")]
    [InlineData("invalid_scope", "scope_refused", "scope_refused")]
    public async Task What_zoho_refuses_has_a_code_whatever_its_status(string error, string onRefresh, string onExchange)
    {
        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized })
        {
            _zoho.Answers($$"""{"error":"{{error}}"}""", status);
            var refresh = Refusal(await RefreshAsync());
            var exchange = Refusal(await ExchangeAsync());

            Assert.Equal((FailureKind.Precondition, onRefresh), (refresh.Kind, refresh.Code));
            Assert.Equal((FailureKind.Precondition, onExchange), (exchange.Kind, exchange.Code));
        }

        Assert.Equal(6, _zoho.Requests.Count);      // one each: repeating would cost a second token of the budget
    }

    [Fact]
    public async Task A_token_request_that_is_denied_access_is_a_client_with_too_many_and_not_a_person_who_refused()
    {
        _zoho.Answers("""{"error":"access_denied"}""");

        Assert.All(
            [Refusal(await RefreshAsync()), Refusal(await ExchangeAsync())],
            refusal => Assert.Equal(
                (FailureKind.RateLimited, "zoho_client_throttled", TimeSpan.FromMinutes(10)), (refusal.Kind, refusal.Code, refusal.RetryAfter)));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"error_description":"Too many requests","error":"Access Denied","status":"failure"}""")]
    [InlineData(HttpStatusCode.OK, """{"error_description":"Too many requests","error":"Access Denied","status":"failure"}""")]
    [InlineData(HttpStatusCode.BadRequest, """{"error_description":"您的请求过于频繁","error":"拒绝访问","status":"failure"}""")]
    [InlineData(HttpStatusCode.BadRequest, """{"error":"Access Denied"}""")]
    [InlineData(HttpStatusCode.TooManyRequests, "{}")]
    public async Task A_throttle_is_known_by_its_shape_and_says_when_to_ask_again(HttpStatusCode status, string body)
    {
        _zoho.Answers(body, status);

        var failure = Refusal(await RefreshAsync());

        Assert.Equal(
            (FailureKind.RateLimited, "zoho_throttled", TimeSpan.FromMinutes(10)), (failure.Kind, failure.Code, failure.RetryAfter));
        var once = Refusal(await ExchangeAsync());
        Assert.Equal((failure.Kind, failure.Code, failure.RetryAfter), (once.Kind, once.Code, once.RetryAfter));
        Assert.Contains("begin again with a new one", once.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"error":"general_error"}""")]
    [InlineData(HttpStatusCode.OK, """{"error":"internal_error"}""")]
    [InlineData(HttpStatusCode.OK, """{"error":"\ud800"}""")]
    [InlineData(HttpStatusCode.InternalServerError, """{"error":"invalid_code"}""")]
    [InlineData(HttpStatusCode.BadGateway, "<html><body>Bad gateway</body></html>")]
    [InlineData(HttpStatusCode.OK, " <!DOCTYPE html><html></html>")]
    [InlineData(HttpStatusCode.Found, "")]
    [InlineData(HttpStatusCode.OK, "")]
    [InlineData(HttpStatusCode.OK, "{}")]
    [InlineData(HttpStatusCode.OK, "null")]
    [InlineData(HttpStatusCode.OK, "[1]")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake.acc""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake.access"}""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake.access","expires_in":0}""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake.access","expires_in":"soon"}""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"","expires_in":3600}""")]
    public async Task What_is_no_verdict_is_an_outage_and_never_a_lost_grant(HttpStatusCode status, string body)
    {
        _zoho.Answers(body, status);

        var failure = Refusal(await RefreshAsync());

        Assert.Equal((FailureKind.Unavailable, "zoho_accounts_unavailable"), (failure.Kind, failure.Code));
        var once = Refusal(await ExchangeAsync());
        Assert.Equal((failure.Kind, failure.Code, failure.RetryAfter), (once.Kind, once.Code, once.RetryAfter));
        Assert.Contains("begin again with a new one", once.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invalid_client")]
    [InlineData("invalid_client_secret")]
    public async Task A_refused_client_is_told_with_the_data_centre_that_was_asked(string error)
    {
        _zoho.Answers($$"""{"error":"{{error}}"}""");

        Assert.Contains("data centre eu", Refusal(await RefreshAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unsupported_grant_type", true)]
    [InlineData("call +1-555-0100 now", false)]
    [InlineData("<script>", false)]
    public async Task An_unknown_error_is_repeated_only_where_it_is_a_plain_word(string error, bool repeated)
    {
        _zoho.Answers($$"""{"error":"{{error}}"}""");

        var failure = Refusal(await RefreshAsync());

        Assert.Equal((FailureKind.Unavailable, "zoho_accounts_refused"), (failure.Kind, failure.Code));
        Assert.Equal(repeated, failure.Message.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broken_connection_and_a_silent_server_are_an_outage_and_are_not_repeated()
    {
        _zoho.BreaksTheConnection().NeverAnswers().BeginsToAnswer();

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal("zoho_accounts_unavailable", Refusal(await RefreshAsync()).Code);
            Assert.Equal(attempt, _zoho.Requests.Count);
        }
    }

    [Fact]
    public async Task A_callers_cancellation_is_no_failure()
    {
        _zoho.NeverAnswers();
        using var cancelled = new CancellationTokenSource();
        var refresh = _client.RefreshAsync(Eu, "1000.fakeclient", "fake", "1000.fake.refresh", cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh);
    }

    [Fact]
    public void No_text_makes_the_reader_throw() => Prop.ForAll<NonNull<string>, byte>((text, status) =>
    {
        using var zoho = new PlayedProvider().Answers(text.Get, (HttpStatusCode)(200 + status));
        using var http = new HttpClient(zoho);
        var client = new ZohoAccountsClient(http);
        var refresh = client.RefreshAsync(Eu, "1000.fakeclient", "fake", "1000.fake.refresh", default).GetAwaiter().GetResult();
        return !refresh.Succeeded(out _, out _);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"status":"success"}""", RevokeOutcome.Revoked)]
    [InlineData(HttpStatusCode.OK, """{"error":"invalid_code"}""", RevokeOutcome.AlreadyGone)]
    [InlineData(HttpStatusCode.BadRequest, """{"error":"invalid_code"}""", RevokeOutcome.AlreadyGone)]
    public async Task A_grant_is_taken_back(HttpStatusCode status, string body, RevokeOutcome outcome)
    {
        _zoho.Answers(body, status);

        Assert.Equal(outcome, Value(await _client.RevokeAsync(Eu, "1000.fake.refresh+", default)));
        Assert.Equal("https://accounts.zoho.eu/oauth/v2/token/revoke?token=1000.fake.refresh%2B", Assert.Single(_zoho.Requests).Address);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"error":"Access Denied","status":"failure"}""", "zoho_throttled")]
    [InlineData(HttpStatusCode.OK, """{"error":"general"}""", "zoho_accounts_refused")]
    [InlineData(HttpStatusCode.OK, "{}", "zoho_accounts_unavailable")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "<html></html>", "zoho_accounts_unavailable")]
    public async Task A_revocation_that_was_not_done_says_so(HttpStatusCode status, string body, string code)
    {
        _zoho.Answers(body, status);

        Assert.Equal(code, Refusal(await _client.RevokeAsync(Eu, "1000.fake.refresh", default)).Code);
    }

    [Theory]
    [InlineData("""{"First_Name":"Ada","Display_Name":"Ada L","Email":"ada@example.com","ZUID":10023456789012345}""")]
    [InlineData("""{"First_Name":"Ada","Display_Name":"Ada L","Email":"ada@example.com","ZUID":"10023456789012345"}""")]
    public async Task The_owner_of_a_grant_is_read(string body)
    {
        _zoho.Answers(body);

        Assert.Equal(
            new ZohoUser("10023456789012345", "ada@example.com", "Ada L"),
            Value(await _client.GetUserAsync(Eu, "1000.fake.access", default)));
        var sent = Assert.Single(_zoho.Requests);
        Assert.Equal(("https://accounts.zoho.eu/oauth/user/info", "Zoho-oauthtoken 1000.fake.access"), (sent.Address, sent.Authorization));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, """{"cause":"INVALID_OAUTHSCOPE"}""", "profile_not_granted")]
    [InlineData(HttpStatusCode.BadRequest, "", "profile_not_granted")]
    [InlineData(HttpStatusCode.OK, "{}", "zoho_accounts_unavailable")]
    [InlineData(HttpStatusCode.BadGateway, "", "zoho_accounts_unavailable")]
    public async Task An_owner_that_cannot_be_read_is_a_failure_of_its_own(HttpStatusCode status, string body, string code)
    {
        _zoho.Answers(body, status);

        Assert.Equal(code, Refusal(await _client.GetUserAsync(Eu, "1000.fake.access", default)).Code);
    }

    [Fact]
    public async Task A_grant_prints_no_token()
    {
        _zoho.Answers(Granted);

        Assert.DoesNotContain("fake", Value(await RefreshAsync()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_registered_client_calls_the_simulator_where_one_is_set()
    {
        using var host = await ProviderHost.CreateAsync(("Providers:SimulatorUrl", "http://127.0.0.1:8200"));
        host.Provider.Answers(Granted);

        Value(await host.Accounts.RefreshAsync(Eu, "1000.fakeclient", "fake", "1000.fake.refresh", default));

        Assert.Equal("http://127.0.0.1:8200/accounts.zoho.eu/oauth/v2/token", Assert.Single(host.Provider.Requests).Address);
    }

    public void Dispose()
    {
        _http.Dispose();
        _zoho.Dispose();
    }

    private Task<Result<TokenGrant>> ExchangeAsync() =>
        _client.ExchangeCodeAsync(Eu, "1000.fakeclient", "fake", "1000.fake.code", null, default);

    private Task<Result<TokenGrant>> RefreshAsync() => _client.RefreshAsync(Eu, "1000.fakeclient", "fake", "1000.fake.refresh", default);
}
