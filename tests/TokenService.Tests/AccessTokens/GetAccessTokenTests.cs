using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

public sealed class GetAccessTokenTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_token_of_the_connect_is_handed_out_with_what_its_user_needs()
    {
        await _world.Host.Settings.UpdateSettingsAsync(
            new UpdateSettingsRequest { Provider = "zoho", OrganizationId = "700123" }, _world.Admin);
        var connection = await _world.ConnectAsync();

        var token = await _world.TokenAsync(connection.Id);

        Assert.Contains(token.AccessToken, _world.Zoho.Given);
        Assert.Equal(_world.Clock.GetUtcNow().AddHours(1), token.ExpiresAt.ToDateTimeOffset());
        Assert.Equal("https://www.zohoapis.com", token.ApiDomain);
        Assert.Equal("us", token.DataCentre);
        Assert.Equal("700123", Assert.Single(token.OrganizationIds));
        // what Zoho says of who gave the grant, and not what the settings say
        Assert.Equal("4242", token.AccountId);
        Assert.Single(_world.Zoho.Refreshes);
    }

    [Fact]
    public async Task An_expired_token_is_refreshed_once_and_then_reused()
    {
        var connection = await _world.ConnectAsync();
        var first = await _world.TokenAsync(connection.Id);
        _world.ExpireTokens();

        var second = await _world.TokenAsync(connection.Id);
        var third = await _world.TokenAsync(connection.Id);

        Assert.NotEqual(first.AccessToken, second.AccessToken);
        Assert.Equal(second.AccessToken, third.AccessToken);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        Assert.Equal(TokenWorld.RefreshToken, _world.Zoho.Refreshes[^1].Form["refresh_token"]);
        Assert.Equal("accounts.zoho.com", _world.Zoho.Refreshes[^1].Host);
    }

    [Fact]
    public async Task A_token_with_less_life_than_asked_for_is_replaced_before_it_ends()
    {
        var connection = await _world.ConnectAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(40));

        await _world.TokenAsync(connection.Id);
        Assert.Single(_world.Zoho.Refreshes);

        await _world.Host.Tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { ConnectionId = connection.Id, MinValidity = Duration.FromTimeSpan(TimeSpan.FromMinutes(30)) },
            _world.Service);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task Fifty_callers_at_once_share_one_refresh()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        var answer = new TaskCompletionSource();
        _world.Zoho.Gate = answer.Task;

        var callers = Enumerable.Range(0, 50).Select(_ => _world.TokenAsync(connection.Id)).ToArray();
        answer.SetResult();
        var tokens = await Task.WhenAll(callers);

        Assert.Single(tokens.Select(token => token.AccessToken).Distinct());
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_refresh_goes_on_when_its_caller_has_left()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        var answer = new TaskCompletionSource();
        _world.Zoho.Gate = answer.Task;
        using var leaving = new CancellationTokenSource();
        var left = _world.Host.Tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { ConnectionId = connection.Id }, _world.Service, cancellationToken: leaving.Token).ResponseAsync;
        await Testing.Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Refreshes.Count), count => count == 2);

        await leaving.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => left);
        answer.SetResult();
        var token = await _world.TokenAsync(connection.Id);

        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        Assert.Contains(token.AccessToken, _world.Zoho.Given);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"error":"invalid_client"}""",
        StatusCode.FailedPrecondition, "client_refused", ConnectionState.Misconfigured)]
    [InlineData(HttpStatusCode.BadRequest, """{"error":"invalid_client"}""",
        StatusCode.FailedPrecondition, "client_refused", ConnectionState.Misconfigured)]
    [InlineData(HttpStatusCode.OK, """{"error":"invalid_client_secret"}""",
        StatusCode.FailedPrecondition, "client_secret_refused", ConnectionState.Misconfigured)]
    [InlineData(HttpStatusCode.BadRequest, """{"error_description":"slow down","error":"Access Denied","status":"failure"}""",
        StatusCode.ResourceExhausted, "zoho_throttled", ConnectionState.Active)]
    [InlineData(HttpStatusCode.OK, """{"error_description":"稍后","error":"拒绝访问","status":"failure"}""",
        StatusCode.ResourceExhausted, "zoho_throttled", ConnectionState.Active)]
    [InlineData(HttpStatusCode.OK, """{"error":"general_error"}""",
        StatusCode.Unavailable, "zoho_accounts_unavailable", ConnectionState.Active)]
    [InlineData(HttpStatusCode.OK, """{"error":"something_new"}""",
        StatusCode.Unavailable, "zoho_accounts_refused", ConnectionState.Active)]
    [InlineData(HttpStatusCode.OK, """{"access_token":"1000.fake"}""",
        StatusCode.Unavailable, "zoho_accounts_unavailable", ConnectionState.Active)]
    [InlineData(HttpStatusCode.OK, "", StatusCode.Unavailable, "zoho_accounts_unavailable", ConnectionState.Active)]
    [InlineData(HttpStatusCode.BadGateway, "<html>502</html>", StatusCode.Unavailable, "zoho_accounts_unavailable", ConnectionState.Active)]
    public async Task What_zoho_refuses_reaches_the_caller_and_changes_the_state_only_where_it_must(
        HttpStatusCode status, string body, StatusCode expected, string code, ConnectionState state)
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses(body, status);

        var refused = await TokenWorld.RefusedAsync(code, () => _world.TokenAsync(connection.Id));

        Assert.Equal(expected, refused.StatusCode);
        var now = await _world.Host.Connections.GetConnectionAsync(new GetConnectionRequest { Id = connection.Id }, _world.Viewer);
        Assert.Equal(state, now.State);
        Assert.Equal(state is ConnectionState.Active, now.StateReason.Length == 0);

        // and heals by itself when the provider is well again
        _world.Zoho.Instead = _ => null;
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await _world.TokenAsync(connection.Id);
        now = await _world.Host.Connections.GetConnectionAsync(new GetConnectionRequest { Id = connection.Id }, _world.Viewer);
        Assert.Equal(ConnectionState.Active, now.State);
    }

    [Theory]
    [InlineData("""{"error":"invalid_code"}""")]
    [InlineData("""{"error":"invalid_grant"}""")]
    public async Task A_grant_is_revoked_only_when_zoho_says_so_twice_in_a_row(string body)
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses(body);

        await TokenWorld.RefusedAsync("grant_refused_once", () => _world.TokenAsync(connection.Id));
        await TokenWorld.RefusedAsync("grant_refused_once", () => _world.TokenAsync(connection.Id));
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        _world.Clock.Advance(TimeSpan.FromSeconds(6));
        var refused = await TokenWorld.RefusedAsync("grant_revoked", () => _world.TokenAsync(connection.Id));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        var now = await _world.Host.Connections.GetConnectionAsync(new GetConnectionRequest { Id = connection.Id }, _world.Viewer);
        Assert.Equal(ConnectionState.Revoked, now.State);
        Assert.Contains("Connect it again", now.StateReason, StringComparison.Ordinal);

        // final: Zoho is not asked any more
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await TokenWorld.RefusedAsync("grant_revoked", () => _world.TokenAsync(connection.Id));
        Assert.Equal(3, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task One_refusal_between_two_good_answers_counts_for_nothing()
    {
        var connection = await _world.ConnectAsync();
        foreach (var _ in Enumerable.Range(0, 3))
        {
            _world.ExpireTokens();
            _world.Zoho.Refuses("""{"error":"invalid_code"}""");
            await TokenWorld.RefusedAsync("grant_refused_once", () => _world.TokenAsync(connection.Id));
            _world.Zoho.Instead = _ => null;
            _world.Clock.Advance(TimeSpan.FromSeconds(6));
            await _world.TokenAsync(connection.Id);
        }
    }

    [Fact]
    public async Task A_throttle_cools_down_longer_each_time_and_zoho_is_left_alone_meanwhile()
    {
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses("""{"error":"Access Denied","status":"failure"}""", HttpStatusCode.BadRequest);

        var first = RetryAfter(await TokenWorld.RefusedAsync("zoho_throttled", () => _world.TokenAsync(connection.Id)));
        await TokenWorld.RefusedAsync("zoho_throttled", () => _world.TokenAsync(connection.Id));
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        _world.Clock.Advance(first);
        var second = RetryAfter(await TokenWorld.RefusedAsync("zoho_throttled", () => _world.TokenAsync(connection.Id)));

        Assert.Equal(3, _world.Zoho.Refreshes.Count);
        Assert.Equal(TimeSpan.FromMinutes(1), first);
        Assert.Equal(TimeSpan.FromMinutes(2), second);
    }

    [Fact]
    public async Task The_eleventh_refresh_in_ten_minutes_is_not_sent()
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.ExpiresIn = 30;     // shorter than anybody asks for: every hand-out is a refresh
        await _world.TokenAsync(connection.Id);
        _world.ExpireTokens();
        foreach (var _ in Enumerable.Range(0, 10))
        {
            await _world.TokenAsync(connection.Id);
            _world.Clock.Advance(TimeSpan.FromSeconds(40));
        }

        var refused = await TokenWorld.RefusedAsync("refresh_budget_spent", () => _world.TokenAsync(connection.Id));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal(11, _world.Zoho.Refreshes.Count);
        _world.Clock.Advance(RetryAfter(refused));
        await _world.TokenAsync(connection.Id);
        Assert.Equal(12, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task Only_services_are_handed_tokens()
    {
        var connection = await _world.ConnectAsync();
        foreach (var role in (Role[])[Role.Viewer, Role.Operator, Role.Admin])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await _world.Host.Tokens.GetAccessTokenAsync(
                new GetAccessTokenRequest { ConnectionId = connection.Id }, _world.Host.TicketOf(_world.Tenant, role)));
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        }

        var unknown = await Assert.ThrowsAsync<RpcException>(async () =>
            await _world.Host.Tokens.GetAccessTokenAsync(new GetAccessTokenRequest { ConnectionId = connection.Id }));
        Assert.Equal(StatusCode.Unauthenticated, unknown.StatusCode);
    }

    [Fact]
    public async Task Another_tenants_connection_is_not_there_even_when_its_token_is_in_memory()
    {
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Service);

        var refused = await TokenWorld.RefusedAsync("connection_not_found", async () =>
            await _world.Host.Tokens.GetAccessTokenAsync(new GetAccessTokenRequest { ConnectionId = connection.Id }, theirs));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        await TokenWorld.RefusedAsync("connection_not_found", async () => await _world.Host.Tokens.ReportRejectedTokenAsync(
            new ReportRejectedTokenRequest { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256("x") }, theirs));
    }

    [Theory]
    [InlineData("", 60, "", "connection_not_found", null)]
    [InlineData("nonsense", 60, "", "connection_not_found", null)]
    [InlineData("0199a000-0000-7000-8000-000000000001", 1801, "", "invalid_field", "min_validity")]
    [InlineData("0199a000-0000-7000-8000-000000000001", -1, "", "invalid_field", "min_validity")]
    [InlineData("0199a000-0000-7000-8000-000000000001", 315576000001, "", "invalid_field", "min_validity")]
    [InlineData("0199a000-0000-7000-8000-000000000001", 60, "a\nb", "invalid_field", "purpose")]
    public async Task What_is_wrong_with_a_request_is_named(string connection, long seconds, string purpose, string code, string? field)
    {
        var refused = await TokenWorld.RefusedAsync(code, async () => await _world.Host.Tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { ConnectionId = connection, MinValidity = new Duration { Seconds = seconds }, Purpose = purpose },
            _world.Service));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task A_rejected_token_is_replaced_once_and_older_reports_do_nothing()
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.RefusesTokens = "INVALID_OAUTHTOKEN";
        var rejected = await _world.TokenAsync(connection.Id);
        var report = new ReportRejectedTokenRequest { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(rejected.AccessToken) };

        Assert.True((await _world.Host.Tokens.ReportRejectedTokenAsync(report, _world.Service)).Replaced);
        Assert.False((await _world.Host.Tokens.ReportRejectedTokenAsync(report, _world.Service)).Replaced);
        var replaced = await _world.TokenAsync(connection.Id);
        Assert.False((await _world.Host.Tokens.ReportRejectedTokenAsync(report, _world.Service)).Replaced);

        Assert.NotEqual(rejected.AccessToken, replaced.AccessToken);
        Assert.Equal(replaced.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task A_provider_that_refuses_new_tokens_too_does_not_use_up_the_budget()
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.RefusesTokens = "INVALID_OAUTHTOKEN";
        for (var i = 0; i < 10; i++)
        {
            await ReportAsync();
        }

        // one by connecting, one for the first report
        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await ReportAsync());
        Assert.Equal(3, _world.Zoho.Refreshes.Count);

        async Task<bool> ReportAsync()
        {
            var refused = await _world.TokenAsync(connection.Id);
            var isReplaced = (await _world.Host.Tokens.ReportRejectedTokenAsync(
                new() { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(refused.AccessToken) }, _world.Service)).Replaced;
            Assert.Equal(isReplaced, (await _world.TokenAsync(connection.Id)).AccessToken != refused.AccessToken);
            return isReplaced;
        }
    }

    /// <summary>It refuses an operation, for want of a scope as a rule.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("INVALID_OAUTHSCOPE")]   // it does not cover the profile either
    public async Task A_token_that_zoho_accepts_elsewhere_is_not_replaced(string? profile)
    {
        var connection = await _world.ConnectAsync();
        _world.Zoho.RefusesTokens = profile;
        var refused = await _world.TokenAsync(connection.Id);
        var report = new ReportRejectedTokenRequest { ConnectionId = connection.Id, TokenSha256 = TokenWorld.Sha256(refused.AccessToken) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            _ => _world.Host.Tokens.ReportRejectedTokenAsync(report, _world.Service).ResponseAsync));

        Assert.All(answers, answer => Assert.Equal((false, true), (answer.Replaced, answer.Accepted)));
        Assert.Equal(refused.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);
        Assert.Single(_world.Zoho.Refreshes);
    }

    [Fact]
    public async Task Every_hand_out_is_written_down_and_no_token_with_it()
    {
        var connection = await _world.ConnectAsync();
        await _world.TokenAsync(connection.Id);
        await _world.TokenAsync(connection.Id);
        await _world.StopHostsAsync();

        Assert.Equal(2L, await _world.SqlAsync(
            $"SELECT sum((details->>'times')::bigint)::bigint FROM {TokenWorld.Audit} "
                + $"WHERE action = 'token.handed_out' AND subject = 'connection:{connection.Id}' AND actor = "
                + "'service:campaigns' AND details->>'purpose' = 'test'"));
        var written = (string)(await _world.SqlAsync($"SELECT string_agg(audit::text, ' ') FROM {TokenWorld.Audit}"))!;
        Assert.DoesNotContain("1000.fake", written, StringComparison.Ordinal);
    }

    private static TimeSpan RetryAfter(RpcException refused) =>
        TimeSpan.FromMilliseconds(
            long.Parse(refused.Trailers.GetValue(GrpcFailures.RetryAfterTrailer)!, System.Globalization.CultureInfo.InvariantCulture));
}
