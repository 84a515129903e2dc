using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Keys that are bound to an owner or hand out tokens. What TokenService makes of them is tested there.</summary>
public sealed class KeyPermissionTests(SharedGateway shared) : IClassFixture<SharedGateway>, IAsyncLifetime
{
    private const string Keys = "/api/v1/admin/keys";
    private const string OfAda = "0193a2b4-7a11-7c32-8d90-5e6f70819203";
    private const string OfCompany = "0193a2b4-7a11-7c32-8d90-5e6f70819204";

    private readonly GatewayHost _gateway = shared.Host;

    private RestClient _admin = null!;

    public async Task InitializeAsync()
    {
        _gateway.Services.ListConnections = (_, _) => new()
        {
            Connections =
            {
                new Connection { Id = OfAda, Provider = "zoho", Owner = "ada", GrantedScopes = { "ZohoCRM.modules.ALL" } },
                new Connection { Id = OfCompany, Provider = "zoho", Owner = "company", GrantedScopes = { "ZohoBooks.fullaccess.all" } },
            },
        };
        _admin = await _gateway.CreateClientOfNewTenantAsync();
    }

    public Task DisposeAsync()
    {
        _admin.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_key_shows_its_owner_its_permissions_and_what_its_tokens_can_do()
    {
        var created = await CreateAsync("ada", OfAda);
        using var key = _gateway.CreateClient(created.GetProperty("key").GetString());
        var listed = (await _admin.GetAsync(Keys)).Json.GetProperty("keys")[1];
        var me = (await key.GetAsync("/api/v1/whoami")).Json;

        foreach (var shown in new[] { created, listed, me })
        {
            Assert.Equal("ada", shown.GetProperty("owner").GetString());
            var permission = Assert.Single(shown.GetProperty("permissions").EnumerateArray());
            Assert.Equal("tokens:read", permission.GetProperty("name").GetString());
            Assert.Equal(OfAda, Assert.Single(permission.GetProperty("connection_ids").EnumerateArray()).GetString());
        }

        foreach (var shown in new[] { created, listed })
        {
            var connection = Assert.Single(shown.GetProperty("connections").EnumerateArray());
            Assert.Equal("ZohoCRM.modules.ALL", Assert.Single(connection.GetProperty("granted_scopes").EnumerateArray()).GetString());
        }
    }

    [Fact]
    public async Task Keys_are_listed_while_the_service_that_knows_their_connections_is_away()
    {
        await CreateAsync(null, OfAda);
        _gateway.Services.ListConnections = (_, _) => throw StorageOutage.Failure.ToRpcException();

        var listed = (await _admin.GetAsync(Keys)).Json.GetProperty("keys")[1];

        Assert.Equal(OfAda, Assert.Single(listed.GetProperty("connections").EnumerateArray()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("operator", "company", "tokens:read", OfAda, "permissions")]
    [InlineData("operator", null, "tokens:read", "0193a2b4-7a11-7c32-8d90-5e6f7081920f", "permissions")]
    [InlineData("operator", null, "tokens:write", OfAda, "permissions")]
    [InlineData("operator", "", "tokens:read", OfAda, "owner")]
    [InlineData("admin", "ada", "tokens:read", OfAda, "role")]
    public async Task What_a_key_could_not_hold_is_refused_by_its_field(string role, string? owner, string permission, string connection, string field)
    {
        var permissions = new[] { new { name = permission, connection_ids = new[] { connection } } };

        var answer = await _admin.PostAsync(Keys, new { name = "php", role, owner, permissions });

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task The_ticket_carries_the_owner_and_the_permissions()
    {
        var (token, reported) = ((Caller?)null, (Caller?)null);
        _gateway.Services.GetAccessToken = (_, caller) =>
        {
            token = caller;
            return new()
            {
                AccessToken = "1000.fake",
                AuthorizationScheme = "Zoho-oauthtoken",
                ExpiresAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
                ApiDomain = "https://www.zohoapis.eu",
                GrantedScopes = { "a.b.ALL" },
            };
        };
        _gateway.Services.ReportRejectedToken = (_, caller) =>
        {
            reported = caller;
            return new() { Replaced = true };
        };
        using var key = _gateway.CreateClient((await CreateAsync("ada", OfAda)).GetProperty("key").GetString());

        var answer = await key.GetAsync($"/api/v1/connections/{OfAda}/access-token");
        var report = await key.PostAsync($"/api/v1/connections/{OfAda}/access-token/rejected", new { token_sha256 = new string('0', 64) });

        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal("1000.fake", answer.Json.GetProperty("access_token").GetString());
        Assert.Equal("Zoho-oauthtoken", answer.Json.GetProperty("authorization_scheme").GetString());
        Assert.Equal("1970-01-01T00:00:00Z", answer.Json.GetProperty("expires_at").GetString());
        Assert.Equal("a.b.ALL", Assert.Single(answer.Json.GetProperty("granted_scopes").EnumerateArray()).GetString());
        Assert.True(report.Json.GetProperty("replaced").GetBoolean());
        foreach (var caller in new[] { token!, reported! })
        {
            Assert.Equal("ada", caller.Owner);
            Assert.True(caller.May(Permissions.TokensRead, OfAda));
            Assert.False(caller.May(Permissions.TokensRead, OfCompany));
        }
    }

    [Fact]
    public async Task Too_many_reports_are_429_with_the_time_to_wait()
    {
        _gateway.Services.ReportRejectedToken = (_, _) =>
            throw new Failure(FailureKind.RateLimited, "too_many_rejected_tokens", "Wait.") { RetryAfter = TimeSpan.FromSeconds(90) }.ToRpcException();

        var answer = await _admin.PostAsync($"/api/v1/connections/{OfAda}/access-token/rejected", new { token_sha256 = new string('0', 64) });

        answer.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_rejected_tokens");
        Assert.Equal("90", answer.Header("Retry-After"));
    }

    private async Task<JsonElement> CreateAsync(string? owner, string connection)
    {
        var permissions = new[] { new { name = "tokens:read", connection_ids = new[] { connection } } };
        var created = await _admin.PostAsync(Keys, new { name = "php", role = "viewer", owner, permissions });
        Assert.Equal(HttpStatusCode.Created, created.Status);
        return created.Json;
    }
}
