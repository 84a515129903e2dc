using System.Net;
using Microsoft.Extensions.Options;
using ZohoPlatform.Providers.HubSpot;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.HubSpot;

public sealed class HubSpotOAuthClientTests : IDisposable
{
    private const string Granted = """
        {"token_type":"bearer","refresh_token":"fake-refresh","access_token":"fake-access","expires_in":1800,"hub_id":24000001,"user_id":7,
         "scopes":["crm.objects.contacts.read","oauth"]}
        """;

    private readonly PlayedProvider _hubSpot = new();
    private readonly HttpClient _http;
    private readonly HubSpotOAuthClient _client;
    private readonly HubSpotOAuthClient _v1;

    public HubSpotOAuthClientTests()
    {
        _http = new HttpClient(_hubSpot) { Timeout = TimeSpan.FromSeconds(20) };
        _client = new HubSpotOAuthClient(_http, Options.Create(new HubSpotOptions()));
        _v1 = new HubSpotOAuthClient(_http, Options.Create(new HubSpotOptions { OAuthVersion = "v1" }));
    }

    [Fact]
    public async Task A_code_becomes_a_grant_with_everything_in_the_body()
    {
        _hubSpot.Answers(Granted);

        var grant = Value(await _client.ExchangeCodeAsync("fake-client", "fake secret+&", "fake-code", "https://app.example/back?a=b", default));

        Assert.Equal(("fake-access", "fake-refresh"), (grant.AccessToken, grant.RefreshToken));
        Assert.Equal(TimeSpan.FromMinutes(30), grant.ExpiresIn);
        Assert.Equal(["crm.objects.contacts.read", "oauth"], grant.Scopes);
        Assert.Equal(("https://api.hubapi.com", "24000001"), (grant.ApiDomain, grant.OrganizationId));
        var sent = Assert.Single(_hubSpot.Requests);
        Assert.Equal(
            (HttpMethod.Post, "https://api.hubapi.com/oauth/2026-03/token", "application/x-www-form-urlencoded"),
            (sent.Method, sent.Address, sent.ContentType));
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = "fake-client",
                ["client_secret"] = "fake secret+&",
                ["redirect_uri"] = "https://app.example/back?a=b",
                ["code"] = "fake-code",
            },
            sent.Form);
    }

    [Theory]
    [InlineData("""{"accessToken":"fake-access","refreshToken":"another","expiresIn":1800,"hubId":24000001,"scopes":["oauth"]}""")]
    [InlineData("""{"access_token":"fake-access","refresh_token":"another","expires_in":"1800","hub_id":"24000001","scope":"oauth"}""")]
    public async Task A_refresh_is_read_in_both_cases_and_brings_the_refresh_token_to_use_next(string answer)
    {
        _hubSpot.Answers(answer);

        var grant = Value(await RefreshAsync());

        Assert.Equal(("fake-access", "another", "24000001"), (grant.AccessToken, grant.RefreshToken, grant.OrganizationId));
        Assert.Equal(TimeSpan.FromMinutes(30), grant.ExpiresIn);
        Assert.Equal(["oauth"], grant.Scopes);
        var sent = Assert.Single(_hubSpot.Requests);
        Assert.Equal(("refresh_token", "fake-refresh"), (sent.Form["grant_type"], sent.Form["refresh_token"]));
    }

    [Theory]
    [InlineData("BAD_REFRESH_TOKEN", FailureKind.Precondition, "grant_revoked", "Connect it again")]
    [InlineData("BAD_AUTH_CODE", FailureKind.Precondition, "grant_code_invalid", "Begin again")]
    [InlineData("BAD_CLIENT_ID", FailureKind.Precondition, "client_refused", "client id")]
    [InlineData("BAD_CLIENT_SECRET", FailureKind.Precondition, "client_secret_refused", "client secret")]
    [InlineData("BAD_REDIRECT_URI", FailureKind.Precondition, "redirect_uri_refused", "callback address")]
    [InlineData("MISSING_SCOPES", FailureKind.Precondition, "scope_refused", "crm.objects.contacts.read")]
    [InlineData("RATE_LIMITS", FailureKind.RateLimited, "hubspot_throttled", "for a moment")]
    [InlineData("SOMETHING_NEW", FailureKind.Unavailable, "hubspot_oauth_refused", "SOMETHING_NEW")]
    [InlineData("<script>", FailureKind.Unavailable, "hubspot_oauth_refused", "without a reason")]
    public async Task A_status_says_what_was_refused_and_what_to_do(string status, FailureKind kind, string code, string told)
    {
        _hubSpot.Answers(
            $$"""{"error":"invalid_grant","error_description":"no","status":"{{status}}","message":"no"}""", HttpStatusCode.BadRequest);

        var failure = Refusal(await RefreshAsync());

        Assert.Equal((kind, code), (failure.Kind, failure.Code));
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""", "grant_revoked")]
    [InlineData(400, """{"error":"invalid_client"}""", "client_refused")]
    [InlineData(400, """{"error":"invalid_scope"}""", "scope_refused")]
    [InlineData(403, """{"status":"error","category":"MISSING_SCOPES","message":"no"}""", "scope_refused")]
    [InlineData(400, """{"status":"error","category":"VALIDATION_ERROR","message":"no"}""", "hubspot_oauth_refused")]
    [InlineData(429, """{"status":"error","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}""", "hubspot_throttled")]
    [InlineData(429, "", "hubspot_throttled")]
    [InlineData(200, """{"access_token":"fake-access"}""", "hubspot_oauth_unavailable")]
    [InlineData(200, "", "hubspot_oauth_unavailable")]
    [InlineData(200, "<html>Maintenance</html>", "hubspot_oauth_unavailable")]
    [InlineData(400, """{"status":"error"}""", "hubspot_oauth_unavailable")]
    [InlineData(423, "{}", "hubspot_oauth_unavailable")]
    [InlineData(477, "{}", "hubspot_oauth_unavailable")]
    [InlineData(502, "<html>502</html>", "hubspot_oauth_unavailable")]
    [InlineData(521, """{"status":"BAD_REFRESH_TOKEN"}""", "hubspot_oauth_unavailable")]
    [InlineData(524, "", "hubspot_oauth_unavailable")]
    public async Task Other_shapes_are_told_apart_and_trouble_is_never_a_refusal(int status, string body, string code)
    {
        _hubSpot.Answers(body, (HttpStatusCode)status);

        Assert.Equal(code, Refusal(await RefreshAsync()).Code);
    }

    [Theory]
    [InlineData(429, 4, 4)]
    [InlineData(429, null, 10)]
    [InlineData(503, 7, 7)]
    [InlineData(477, 86_400, 3600)]
    public async Task HubSpots_own_time_to_wait_is_passed_on(int status, int? asked, int expected)
    {
        _hubSpot.Answers("{}", (HttpStatusCode)status, retryAfter: asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

        Assert.Equal(TimeSpan.FromSeconds(expected), Refusal(await RefreshAsync()).RetryAfter);
    }

    [Fact]
    public async Task A_broken_connection_is_an_outage_and_is_not_tried_again()
    {
        _hubSpot.BreaksTheConnection();

        Assert.Equal(HubSpotOAuthFailures.Unavailable, Refusal(await RefreshAsync()));
        Assert.Single(_hubSpot.Requests);
    }

    [Fact]
    public async Task An_access_token_is_asked_about_in_the_body()
    {
        _hubSpot.Answers("""{"active":true,"hub_id":24000001,"user":"ada@example.com","scopes":["oauth"]}""");

        var token = Value(await _client.InspectAsync("fake-client", "fake-secret", "fake-access", default));

        Assert.Equal(("24000001", "ada@example.com"), (token.HubId, token.User));
        Assert.Equal(["oauth"], token.Scopes);
        var sent = Assert.Single(_hubSpot.Requests);
        Assert.Equal("https://api.hubapi.com/oauth/2026-03/token/introspect", sent.Address);
        Assert.Equal(("fake-access", "access_token", "fake-secret"), (sent.Form["token"], sent.Form["token_type_hint"], sent.Form["client_secret"]));
    }

    [Theory]
    [InlineData(200, """{"active":false}""")]
    [InlineData(404, """{"status":"error","category":"OBJECT_NOT_FOUND"}""")]
    [InlineData(400, """{"error":"invalid_grant"}""")]
    public async Task An_access_token_that_opens_nothing_is_told_so(int status, string body)
    {
        _hubSpot.Answers(body, (HttpStatusCode)status);

        Assert.Equal(
            HubSpotOAuthFailures.AccessTokenRefused, Refusal(await _client.InspectAsync("fake-client", "fake-secret", "fake-access", default)));
    }

    [Theory]
    [InlineData(200, "{}", RevokeOutcome.Revoked)]
    [InlineData(204, "", RevokeOutcome.Revoked)]
    [InlineData(404, "{}", RevokeOutcome.AlreadyGone)]
    [InlineData(400, """{"status":"BAD_REFRESH_TOKEN"}""", RevokeOutcome.AlreadyGone)]
    public async Task A_revoked_grant_is_gone_whoever_took_it_back(int status, string body, RevokeOutcome outcome)
    {
        _hubSpot.Answers(body, (HttpStatusCode)status);

        Assert.Equal(outcome, Value(await _client.RevokeAsync("fake-client", "fake-secret", "fake-refresh", default)));
        var sent = Assert.Single(_hubSpot.Requests);
        Assert.Equal("https://api.hubapi.com/oauth/2026-03/token/revoke", sent.Address);
        Assert.Equal(("fake-refresh", "refresh_token"), (sent.Form["token"], sent.Form["token_type_hint"]));
    }

    [Theory]
    [InlineData(200, "<html>")]
    [InlineData(503, "")]
    public async Task A_revocation_that_was_not_heard_is_not_done(int status, string body)
    {
        _hubSpot.Answers(body, (HttpStatusCode)status);

        Assert.Equal(HubSpotOAuthFailures.Unavailable, Refusal(await _client.RevokeAsync("fake-client", "fake-secret", "fake-refresh", default)));
    }

    [Fact]
    public async Task The_older_endpoints_are_called_where_the_setting_says_so()
    {
        _hubSpot.Answers(Granted).Answers("""{"hub_id":24000001,"scopes":["oauth"],"token_type":"access"}""").Answers("", HttpStatusCode.NoContent);

        Value(await _v1.RefreshAsync("fake-client", "fake-secret", "fake-refresh", default));
        Value(await _v1.InspectAsync("fake-client", "fake-secret", "fake/access", default));
        Value(await _v1.RevokeAsync("fake-client", "fake-secret", "fake-refresh", default));

        Assert.Equal(
            [
                "POST https://api.hubapi.com/oauth/v1/token",
                "GET https://api.hubapi.com/oauth/v1/access-tokens/fake%2Faccess",
                "DELETE https://api.hubapi.com/oauth/v1/refresh-tokens/fake-refresh",
            ],
            _hubSpot.Requests.Select(sent => $"{sent.Method} {sent.Address}"));
    }

    [Fact]
    public async Task The_account_is_asked_for_with_the_token_alone()
    {
        _hubSpot.Answers("""{"portalId":24000001,"uiDomain":"app-eu1.hubspot.com"}""").Answers("{}", HttpStatusCode.Unauthorized);

        Assert.Equal(new HubSpotAccount("24000001", "app-eu1.hubspot.com"), Value(await _client.GetAccountAsync("fake-access", default)));
        Assert.Equal(HubSpotOAuthFailures.AccessTokenRefused, Refusal(await _client.GetAccountAsync("fake-access", default)));
        Assert.All(
            _hubSpot.Requests,
            sent => Assert.Equal(("https://api.hubapi.com/account-info/v3/details", "Bearer fake-access"), (sent.Address, sent.Authorization)));
    }

    [Theory]
    [InlineData("2026-03", true)]
    [InlineData("v1", true)]
    [InlineData("v3", false)]
    [InlineData("", false)]
    public void Only_generations_that_are_known_start(string version, bool starts)
    {
        var options = new HubSpotOptions { OAuthVersion = version };

        Assert.Equal(starts, new HubSpotOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public async Task A_grant_tells_no_log_its_tokens()
    {
        _hubSpot.Answers(Granted);

        Assert.DoesNotContain("fake-", Value(await RefreshAsync()).ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        _hubSpot.Dispose();
    }

    private Task<Result<TokenGrant>> RefreshAsync() => _client.RefreshAsync("fake-client", "fake-secret", "fake-refresh", default);
}
