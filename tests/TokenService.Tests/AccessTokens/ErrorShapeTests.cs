using System.Globalization;
using System.Net;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

/// <summary>One replica and one Zoho for all shapes; each test has a connection of its own.</summary>
public sealed class ErrorShapeWorld : IAsyncLifetime
{
    internal TokenWorld World { get; private set; } = null!;

    public async Task InitializeAsync() => World = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await World.DisposeAsync();
}

/// <summary>
/// Every shape in which Zoho Accounts answers a refresh, seen from the caller: what it is told, what becomes of the connection, for how
/// long Zoho is left alone, and that the next call after that works.
/// </summary>
public sealed class ErrorShapeTests(ErrorShapeWorld shared) : IClassFixture<ErrorShapeWorld>
{
    private const string Html = "<html><body>Scheduled maintenance</body></html>";

    private readonly TokenWorld _world = shared.World;

    [Theory]
    [InlineData(HttpStatusCode.OK, "invalid_code", "grant_refused_once", "asked once more", 5)]
    [InlineData(HttpStatusCode.BadRequest, "invalid_code", "grant_refused_once", "asked once more", 5)]
    [InlineData(HttpStatusCode.OK, "invalid_grant", "grant_refused_once", "asked once more", 5)]
    [InlineData(HttpStatusCode.BadRequest, "invalid_grant", "grant_refused_once", "asked once more", 5)]
    [InlineData(HttpStatusCode.OK, "invalid_redirect_uri", "redirect_uri_refused", "redirect URI", 1)]
    [InlineData(HttpStatusCode.OK, "invalid_scope", "scope_refused", "scopes", 1)]
    [InlineData(HttpStatusCode.OK, "general_error", "zoho_accounts_unavailable", "as it should", 1)]
    [InlineData(HttpStatusCode.BadRequest, "internal_error", "zoho_accounts_unavailable", "as it should", 1)]
    [InlineData(HttpStatusCode.OK, "unsupported_grant_type", "zoho_accounts_refused", "unsupported_grant_type", 1)]
    [InlineData(HttpStatusCode.BadRequest, "something new!", "zoho_accounts_refused", "without a reason that the platform knows", 1)]
    public async Task An_error_with_a_name(HttpStatusCode status, string error, string code, string message, int seconds) =>
        await PassesAsync(
            PlayedZoho.Answer($$"""{"error":"{{error}}"}""", status), StatusCode.Unavailable, code, message, TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(HttpStatusCode.OK, "invalid_client", "client_refused", "client id in the data centre us")]
    [InlineData(HttpStatusCode.BadRequest, "invalid_client", "client_refused", "client id in the data centre us")]
    [InlineData(HttpStatusCode.OK, "invalid_client_secret", "client_secret_refused", "client secret in the data centre us")]
    [InlineData(HttpStatusCode.BadRequest, "invalid_client_secret", "client_secret_refused", "client secret in the data centre us")]
    public async Task An_error_that_the_settings_are_to_blame_for(HttpStatusCode status, string error, string code, string message) =>
        await PassesAsync(
            PlayedZoho.Answer($$"""{"error":"{{error}}"}""", status),
            StatusCode.FailedPrecondition,
            code,
            message,
            TimeSpan.FromMinutes(5),
            ConnectionState.Misconfigured);

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"error_description":"Too many requests","error":"Access Denied","status":"failure"}""")]
    [InlineData(HttpStatusCode.OK, """{"error_description":"Too many requests","error":"Access Denied","status":"failure"}""")]
    [InlineData(HttpStatusCode.BadRequest, """{"error_description":"您的请求过于频繁","error":"拒绝访问","status":"failure"}""")]
    [InlineData(HttpStatusCode.OK, """{"error_description":"请稍后","error":"拒绝访问","status":"failure"}""")]
    [InlineData(HttpStatusCode.TooManyRequests, "{}")]
    public async Task A_throttle_in_any_language(HttpStatusCode status, string body) =>
        await PassesAsync(
            PlayedZoho.Answer(body, status),
            StatusCode.ResourceExhausted,
            "zoho_throttled",
            "no more tokens for a while",
            TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_throttle_of_the_client(HttpStatusCode status) =>
        await PassesAsync(
            PlayedZoho.Answer("""{"error":"access_denied"}""", status),
            StatusCode.ResourceExhausted,
            "zoho_client_throttled",
            "Nobody refused",
            TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(HttpStatusCode.BadGateway, Html)]
    [InlineData(HttpStatusCode.ServiceUnavailable, Html)]
    [InlineData(HttpStatusCode.OK, Html)]
    [InlineData(HttpStatusCode.InternalServerError, """{"error":"invalid_code"}""")]
    [InlineData(HttpStatusCode.OK, "")]
    [InlineData(HttpStatusCode.OK, "{}")]
    [InlineData(HttpStatusCode.OK, "[]")]
    [InlineData(HttpStatusCode.OK, "null")]
    [InlineData(HttpStatusCode.OK, "error=invalid_code")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake.acc""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake-access"}""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake-access","expires_in":0}""")]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake-access","expires_in":"soon"}""")]
    [InlineData(HttpStatusCode.OK, """{"expires_in":3600}""")]
    [InlineData(HttpStatusCode.Found, "")]
    public async Task What_is_no_verdict_at_all(HttpStatusCode status, string body)
    {
        var answer = PlayedZoho.Answer(body, status);
        answer.Headers.Location = status is HttpStatusCode.Found ? new Uri("https://accounts.zoho.example/elsewhere") : null;
        await PassesAsync(
            answer, StatusCode.Unavailable, "zoho_accounts_unavailable", "does not answer as it should", TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_body_of_five_megabytes() => await PassesAsync(
        PlayedZoho.Answer($$"""{"error":"invalid_code","more":"{{new string('x', 5 * 1024 * 1024)}}"}"""),
        StatusCode.Unavailable,
        "zoho_accounts_unavailable",
        "does not answer as it should",
        TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData("\"expires_in\":3600")]
    [InlineData("\"expires_in\":\"3600\"")]
    [InlineData("\"expires_in_sec\":3600,\"expires_in\":3600000")]
    [InlineData("\"expires_in_sec\":\"3600\",\"expires_in\":\"3600000\"")]
    [InlineData("\"expires_in\":3600000")]
    public async Task A_tokens_life_in_any_unit(string life)
    {
        var connection = await ExpiredAsync();
        _world.Zoho.Refuses($$"""{"access_token":"1000.fake-access-{{Guid.NewGuid():N}}",{{life}}}""");

        var token = await _world.TokenAsync(connection);

        Assert.Equal(_world.Clock.GetUtcNow().AddHours(1), token.ExpiresAt.ToDateTimeOffset());
    }

    private async Task PassesAsync(
        HttpResponseMessage answer,
        StatusCode status,
        string code,
        string message,
        TimeSpan cooldown,
        ConnectionState state = ConnectionState.Active)
    {
        var connection = await ExpiredAsync();
        var sent = _world.Zoho.Refreshes.Count;
        _world.Zoho.Instead = _ => answer;

        // told twice in the same words, and asked for once
        for (var call = 0; call < 2; call++)
        {
            var refused = await TokenWorld.RefusedAsync(code, () => _world.TokenAsync(connection));
            Assert.Equal(status, refused.StatusCode);
            Assert.Contains(message, refused.Status.Detail, StringComparison.Ordinal);
            if (state is ConnectionState.Active)
            {
                var retryAfter = refused.Trailers.GetValue(GrpcFailures.RetryAfterTrailer)!;
                Assert.Equal(cooldown.TotalMilliseconds, double.Parse(retryAfter, CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal(sent + 1, _world.Zoho.Refreshes.Count);
        var told = await GetAsync(connection);
        Assert.Equal(state, told.State);
        if (state is ConnectionState.Active)
        {
            Assert.Equal("", told.StateReason);
        }
        else
        {
            Assert.Contains(message, told.StateReason, StringComparison.Ordinal);
        }

        _world.Zoho.Instead = _ => null;
        _world.Clock.Advance(cooldown - TimeSpan.FromMilliseconds(1));
        await TokenWorld.RefusedAsync(code, () => _world.TokenAsync(connection));
        _world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await _world.TokenAsync(connection);
        Assert.Equal(sent + 2, _world.Zoho.Refreshes.Count);
        told = await GetAsync(connection);
        Assert.Equal((ConnectionState.Active, ""), (told.State, told.StateReason));
    }

    private async Task<string> ExpiredAsync()
    {
        _world.Zoho.Instead = _ => null;
        var name = Guid.NewGuid().ToString("N");
        var connection = await _world.ConnectAsync(name, $"1000.fake-refresh-{name}");
        _world.ExpireTokens();
        return connection.Id;
    }

    private async Task<Connection> GetAsync(string id) =>
        await _world.Host.Connections.GetConnectionAsync(new GetConnectionRequest { Id = id }, _world.Viewer);
}
