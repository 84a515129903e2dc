using Grpc.Core;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.AccessTokens;

/// <summary>API keys, as their tickets come from the gateway.</summary>
public sealed class KeyAccessTests : IAsyncLifetime
{
    private TokenWorld _world = null!;
    private Connection _ofAda = null!;
    private Connection _ofGrace = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.StartAsync();
        _world.Zoho.RefusesTokens = "INVALID_OAUTHTOKEN";
        _ofAda = await _world.ConnectAsync("ada", "1000.fake-refresh-of-ada");
        _ofGrace = await _world.ConnectAsync("grace", "1000.fake-refresh-of-grace");
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_key_gets_tokens_of_the_connections_that_it_names_and_the_audit_names_the_key()
    {
        var token = await GetAsync(KeyOf(Role.Viewer, _ofAda.Id), _ofAda.Id);

        Assert.Contains(token.AccessToken, _world.Zoho.Given);
        Assert.Equal(_ofAda.GrantedScopes, token.GrantedScopes);
        var entries = await Eventually.GetAsync(
            async () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(1));
                var filter = new AuditFilter { Subject = $"connection:{_ofAda.Id}", Action = "token.handed_out" };
                return (await _world.Host.Audit.ListEntriesAsync(new() { Filter = filter }, _world.Admin)).Entries;
            },
            entries => entries.Count > 0);
        Assert.Equal("key:php", Assert.Single(entries).Actor);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Admin)]
    public async Task A_key_without_the_permission_is_handed_nothing_whatever_its_role(Role role)
    {
        foreach (var key in new[] { KeyOf(role), KeyOf(role, _ofGrace.Id) })
        {
            var refused = await TokenWorld.RefusedAsync("permission_missing", () => GetAsync(key, _ofAda.Id));
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
            await TokenWorld.RefusedAsync("permission_missing", () => ReportAsync(key, _ofAda.Id, new string('0', 64)));
        }
    }

    [Fact]
    public async Task Another_tenants_connection_is_not_found()
    {
        var key = KeyOf(Role.Viewer, _ofAda.Id) with { Tenant = _world.OtherTenant };

        await TokenWorld.RefusedAsync("connection_not_found", () => GetAsync(key, _ofAda.Id));
    }

    [Fact]
    public async Task A_key_that_is_bound_to_an_owner_sees_and_uses_that_owners_connections_alone()
    {
        var key = KeyOf(Role.Operator, _ofAda.Id, _ofGrace.Id) with { Owner = "ada" };

        var listed = await _world.Host.Connections.ListConnectionsAsync(new(), For(key));
        var health = await _world.Host.Health.ListHealthAsync(new(), For(key));
        var resolved = await _world.Host.Connections.ResolveConnectionAsync(new() { Feature = "campaigns" }, For(key));

        Assert.Equal(_ofAda.Id, Assert.Single(listed.Connections).Id);
        Assert.Equal(_ofAda.Id, Assert.Single(health.Connections).ConnectionId);
        Assert.Equal(_ofAda.Id, resolved.Id);
        Assert.Contains((await GetAsync(key, _ofAda.Id)).AccessToken, _world.Zoho.Given);
        foreach (var call in (Func<Task>[])
            [
                () => _world.Host.Connections.GetConnectionAsync(new() { Id = _ofGrace.Id }, For(key)).ResponseAsync,
                () => _world.Host.Connections.TestConnectionAsync(new() { Id = _ofGrace.Id }, For(key)).ResponseAsync,
                () => _world.Host.Health.GetHealthAsync(new() { ConnectionId = _ofGrace.Id }, For(key)).ResponseAsync,
                () => GetAsync(key, _ofGrace.Id),
                () => ReportAsync(key, _ofGrace.Id, new string('0', 64)),
            ])
        {
            await TokenWorld.RefusedAsync("connection_not_found", call);
        }
    }

    [Fact]
    public async Task One_key_can_have_three_tokens_of_a_connection_replaced_in_ten_minutes()
    {
        var key = KeyOf(Role.Viewer, _ofAda.Id, _ofGrace.Id);
        var rejected = "";
        for (var i = 0; i < 3; i++)
        {
            rejected = (await GetAsync(key, _ofAda.Id)).AccessToken;
            Assert.True((await ReportAsync(key, _ofAda.Id, TokenWorld.Sha256(rejected))).Replaced);
            // the connection's own limit is another one
            _world.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        var current = (await GetAsync(key, _ofAda.Id)).AccessToken;
        var refused = await TokenWorld.RefusedAsync("too_many_rejected_tokens", () => ReportAsync(key, _ofAda.Id, TokenWorld.Sha256(current)));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.InRange(refused.ToFailure()!.RetryAfter!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.Equal(current, (await GetAsync(key, _ofAda.Id)).AccessToken);
        // another connection, another key and the platform's services are not its concern
        var ofGrace = (await GetAsync(key, _ofGrace.Id)).AccessToken;
        Assert.True((await ReportAsync(key, _ofGrace.Id, TokenWorld.Sha256(ofGrace))).Replaced);
        Assert.True((await ReportAsync(key with { Subject = "key:python" }, _ofAda.Id, TokenWorld.Sha256(current))).Replaced);
    }

    [Fact]
    public async Task Reports_of_a_token_that_was_replaced_already_are_not_counted()
    {
        var key = KeyOf(Role.Viewer, _ofAda.Id);
        var sha256 = TokenWorld.Sha256((await GetAsync(key, _ofAda.Id)).AccessToken);
        Assert.True((await ReportAsync(key, _ofAda.Id, sha256)).Replaced);

        for (var i = 0; i < 20; i++)
        {
            Assert.False((await ReportAsync(key, _ofAda.Id, sha256)).Replaced);
        }
    }

    private Caller KeyOf(Role role, params string[] connections) => new(_world.Tenant, role, "key:php")
    {
        Scope = string.Join(' ', connections.Select(connection => Permissions.Of(Permissions.TokensRead, connection))),
    };

    private Metadata For(Caller key) => TestTickets.For(key, "tokens", _world.Time);

    private async Task<GetAccessTokenResponse> GetAsync(Caller key, string connection) =>
        await _world.Host.Tokens.GetAccessTokenAsync(new() { ConnectionId = connection, Purpose = "test" }, For(key));

    private async Task<ReportRejectedTokenResponse> ReportAsync(Caller key, string connection, string sha256) =>
        await _world.Host.Tokens.ReportRejectedTokenAsync(new() { ConnectionId = connection, TokenSha256 = sha256 }, For(key));
}
