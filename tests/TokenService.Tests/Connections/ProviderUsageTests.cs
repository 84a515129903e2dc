using System.Net;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Connections;

/// <summary>What Zoho allows a connection, and how it is told before it is used up.</summary>
public sealed class ProviderUsageTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task What_is_left_of_the_budget_is_told_and_comes_back_with_time()
    {
        var connection = await _world.ConnectAsync();
        Assert.Equal(9, connection.BudgetLeft);
        _world.Zoho.ExpiresIn = 30;     // shorter than anybody asks for: every hand-out is a refresh
        _world.ExpireTokens();

        var told = new List<(int Left, string Warning)>();
        for (var used = 0; used < 10; used++)
        {
            await _world.TokenAsync(connection.Id);
            _world.Clock.Advance(TimeSpan.FromSeconds(30));
            var now = await GetAsync(connection.Id);
            told.Add((now.BudgetLeft, string.Join(' ', now.Warnings.Select(warning => warning.Code))));
        }

        const string Half = "budget_half";
        const string Nearly = "budget_nearly_spent";
        Assert.Equal(
            [(9, ""), (8, ""), (7, ""), (6, ""), (5, Half), (4, Half), (3, Half), (2, Nearly), (1, Nearly), (0, Nearly)],
            told);
        Assert.Single(_world.LogLines, line => line.Contains("half of the refreshes", StringComparison.Ordinal));
        Assert.Contains("10 of the 10", (await GetAsync(connection.Id)).Warnings.Single().Message, StringComparison.Ordinal);

        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = await GetAsync(connection.Id);
        Assert.Equal(10, later.BudgetLeft);
        Assert.Empty(later.Warnings);
    }

    [Fact]
    public async Task The_eighteenth_refresh_token_of_a_user_is_told_of_until_one_is_revoked()
    {
        for (var number = 1; number <= 17; number++)
        {
            Assert.Empty((await ConnectAsync(number)).Warnings);
        }

        var eighteenth = await ConnectAsync(18);

        var warning = Assert.Single(eighteenth.Warnings);
        Assert.Equal("refresh_tokens_nearly_spent", warning.Code);
        Assert.Contains("18 of the 20", warning.Message, StringComparison.Ordinal);
        Assert.Contains("Zoho user 4242", warning.Message, StringComparison.Ordinal);
        var all = (await _world.Host.Connections.ListConnectionsAsync(new(), _world.Viewer)).Connections;
        Assert.Equal(18, all.Count(connection => connection.Warnings.Count == 1));

        // deleted here is not yet gone at Zoho
        _world.Zoho.Instead = request =>
            request.Path.StartsWith("/oauth/v2/token/revoke", StringComparison.Ordinal)
                ? PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway)
                : null;
        var other = all.First(connection => connection.Id != eighteenth.Id);
        await _world.Host.Connections.DeleteConnectionAsync(new DeleteConnectionRequest { Id = other.Id, EvenIfInUse = true }, _world.Admin);
        Assert.Single((await GetAsync(eighteenth.Id)).Warnings);

        _world.Zoho.Instead = _ => null;
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
                return GetAsync(eighteenth.Id);
            },
            connection => connection.Warnings.Count == 0);
    }

    [Fact]
    public async Task A_grant_that_is_replaced_or_was_taken_back_does_not_count()
    {
        for (var number = 1; number <= 17; number++)
        {
            await ConnectAsync(number);
        }

        var last = await ConnectAsync(18);
        Assert.Single(last.Warnings);
        await _world.SqlAsync("UPDATE connections SET state = 2 WHERE owner = 'owner-1'");
        Assert.Empty((await GetAsync(last.Id)).Warnings);
        // until Zoho has taken the old one back, it counts
        _world.Zoho.Instead = request => request.Path.StartsWith("/oauth/v2/token/revoke", StringComparison.Ordinal)
            ? PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway)
            : null;
        var replaced = await ConnectAsync(18);
        Assert.Single(replaced.Warnings);
        _world.Zoho.Instead = _ => null;
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
                return GetAsync(replaced.Id);
            },
            connection => connection.Warnings.Count == 0);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "")]
    [InlineData(HttpStatusCode.BadRequest, "")]
    [InlineData(HttpStatusCode.OK, "ZohoCampaigns.contact.ALL")]
    public async Task Without_access_to_the_profile_tokens_are_counted_by_owner(HttpStatusCode status, string scopes)
    {
        _world.Zoho.Scopes = scopes;
        _world.Zoho.Instead = request => request.Path == "/oauth/user/info" && status != HttpStatusCode.OK
            ? PlayedZoho.Answer("{}", status)
            : request.Path.StartsWith("/oauth/v2/token/revoke", StringComparison.Ordinal)
                ? PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway)
                : null;
        for (var number = 1; number <= 17; number++)
        {
            Assert.Empty((await ConnectAsync(1)).Warnings);
        }

        var eighteenth = await ConnectAsync(1);
        var other = await ConnectAsync(2);

        Assert.Contains("owner owner-1, counted by its name", Assert.Single(eighteenth.Warnings).Message, StringComparison.Ordinal);
        Assert.Empty(other.Warnings);
        Assert.Equal(status != HttpStatusCode.OK, _world.Zoho.Requests.Any(request => request.Path == "/oauth/user/info"));
    }

    [Fact]
    public async Task A_provider_that_does_not_say_who_it_was_holds_nobody_up()
    {
        _world.Zoho.KeepsSilentAt = "/oauth/user/info";

        var connecting = _world.ConnectAsync();
        await Eventually.GetAsync(
            () => Task.FromResult(_world.Zoho.Requests), requests => requests.Any(request => request.Path == "/oauth/user/info"));
        await Eventually.GetAsync(
            () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(3));
                return Task.FromResult(connecting.IsCompleted);
            },
            isCompleted => isCompleted);

        Assert.Equal(ConnectionState.Active, (await connecting).State);
        Assert.Equal("", await _world.SqlAsync("SELECT provider_user_id FROM connections"));
    }

    [Fact]
    public async Task Needed_and_missing_scopes_are_told_for_each_feature()
    {
        _world.Zoho.Scopes = "AaaServer.profile.READ ZohoCampaigns.contact.READ ZohoBooks.fullaccess.all";

        var connection = await _world.ConnectAsync(features: ["campaigns", "books", "invoice"]);

        Assert.Equal(["campaigns", "books", "invoice"], connection.FeatureScopes.Select(scopes => scopes.Feature));
        var (campaigns, books, invoice) = (connection.FeatureScopes[0], connection.FeatureScopes[1], connection.FeatureScopes[2]);
        Assert.Equal(
            ["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.CREATE", "ZohoCampaigns.contact.READ", "ZohoCampaigns.campaign.READ"],
            campaigns.NeededScopes);
        Assert.Equal(campaigns.NeededScopes.Except(["ZohoCampaigns.contact.READ"]), campaigns.MissingScopes);
        Assert.Contains("ZohoBooks.invoices.READ", books.NeededScopes);
        Assert.Empty(books.MissingScopes);
        Assert.Equal(invoice.NeededScopes, invoice.MissingScopes);
        Assert.Equal(connection.MissingScopes, [.. campaigns.MissingScopes, .. invoice.MissingScopes]);
    }

    [Fact]
    public async Task A_further_feature_is_judged_by_the_newest_grant_alone()
    {
        _world.Zoho.Scopes = "ZohoCampaigns.contact.ALL";
        await _world.ConnectWithCodeAsync();
        _world.Zoho.Scopes = "ZohoBooks.fullaccess.all";

        var connection = await _world.ConnectWithCodeAsync(features: "books");

        // the grant before is revoked, and what it covered is gone with it
        Assert.Equal(["campaigns", "books"], connection.Features);
        Assert.Equal(connection.FeatureScopes[0].NeededScopes, connection.FeatureScopes[0].MissingScopes);
        Assert.Empty(connection.FeatureScopes[1].MissingScopes);
        await Eventually.GetAsync(() => Task.FromResult(_world.Zoho.Revocations.Count), revoked => revoked == 1);
    }

    private Task<Connection> ConnectAsync(int number) => _world.ConnectWithCodeAsync($"owner-{number}");

    private async Task<Connection> GetAsync(string id) =>
        await _world.Host.Connections.GetConnectionAsync(new GetConnectionRequest { Id = id }, _world.Viewer);
}
