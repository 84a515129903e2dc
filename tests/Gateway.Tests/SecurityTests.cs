using System.Collections.Concurrent;
using System.Net;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

public sealed class SecurityTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("/api/v1/admin/keys", 401)]
    [InlineData("/api/v1/nothing", 401)]
    [InlineData("/health", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/swagger/index.html", 200)]
    [InlineData("/api/v1/crm/zoho/callback", 409)]
    public async Task Every_answer_tells_browsers_what_to_refuse(string path, int status)
    {
        using var anyone = shared.Host.CreateClient(key: null);

        var answer = await anyone.GetAsync(path, ("Origin", "https://evil.example.com"));

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'unsafe-inline'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
        Assert.Null(answer.Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Only_named_origins_may_call_from_a_browser()
    {
        await using var gateway = await GatewayHost.StartAsync(("Gateway:Cors:Origins:0", "https://app.example.com"));
        using var anyone = gateway.CreateClient(key: null);
        (string, string)[] Preflight(string origin) =>
            [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")];

        var named = await anyone.SendAsync(HttpMethod.Options, "/api/v1/campaigns/contacts", null, Preflight("https://app.example.com"));
        var other = await anyone.SendAsync(HttpMethod.Options, "/api/v1/campaigns/contacts", null, Preflight("https://evil.example.com"));

        Assert.Equal("https://app.example.com", named.Header("Access-Control-Allow-Origin"));
        Assert.Null(other.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("https://zoho.example.com", true)]
    [InlineData("http://127.0.0.1:8080", false)]
    public async Task Transport_security_follows_the_public_address_whatever_a_proxy_says(string publicUrl, bool isSecure)
    {
        await using var gateway = shared.Host.Replica(("Gateway:PublicUrl", publicUrl));
        shared.Host.Services.StartAuthorization = (_, _) => new() { AuthorizeUrl = "https://accounts.zoho.eu/oauth/v2/auth?state=s" };
        using var admin = await gateway.CreateClientOfNewTenantAsync();

        foreach (var scheme in new[] { "http", "https" })
        {
            var answer = await admin.GetAsync("/api/v1/crm/zoho/oauth", ("X-Forwarded-Proto", scheme));

            Assert.Equal(HttpStatusCode.Found, answer.Status);
            Assert.Equal(isSecure, answer.Header("Strict-Transport-Security") is not null);
            Assert.Equal(isSecure, answer.Header("Set-Cookie")!.Contains("; secure", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_proxy_that_is_not_known_is_told_of_once_and_without_an_address()
    {
        await using var behind = shared.Host.Replica(("Gateway:KnownProxies:0", "127.0.0.0/8"));
        await using var open = shared.Host.Replica();
        using var proxied = behind.CreateClient(key: null);
        using var direct = open.CreateClient(key: null);

        for (var i = 0; i < 3; i++)
        {
            await proxied.GetAsync("/alive", ("X-Forwarded-For", "203.0.113.7"));
            await direct.GetAsync("/alive", ("X-Forwarded-For", "203.0.113.7"));
        }

        Assert.DoesNotContain(behind.Logs.Lines, line => line.Contains("KnownProxies", StringComparison.Ordinal));
        var told = Assert.Single(open.Logs.Lines, line => line.Contains("KnownProxies", StringComparison.Ordinal));
        Assert.DoesNotContain("203.0.113.7", told, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_is_503_without_details()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var unknown = gateway.CreateClient($"zp_unknown_{GatewayHost.AdminKey}");
        var name = new Npgsql.NpgsqlConnectionStringBuilder(gateway.Database).Database!;
        await using var server = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(gateway.Database) { Database = "postgres" });
        await using var away = server.CreateCommand(
            $"ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        await away.ExecuteNonQueryAsync();

        var answer = await unknown.GetAsync("/api/v1/admin/keys");
        await using var back = server.CreateCommand($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        await back.ExecuteNonQueryAsync();

        answer.AssertProblem(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        Assert.NotNull(answer.Header("Retry-After"));
    }

    [Fact]
    public async Task No_secret_is_in_any_answer_or_log_line()
    {
        await using var gateway = await GatewayHost.StartAsync(
            ("ZOHO_CLIENT_ID", "1000.FAKE"),
            ("ZOHO_CLIENT_SECRET", "fake-env-client-secret"),
            ("ZOHO_REFRESH_TOKEN", "1000.fake-env-refresh-token"));
        var answers = new ConcurrentQueue<Answer>();
        async Task<Answer> Keep(Task<Answer> call)
        {
            var answer = await call;
            answers.Enqueue(answer);
            return answer;
        }

        Script(gateway.Services);
        var (_, key) = await gateway.CreateTenantAsync();
        using var admin = gateway.CreateClient(key);
        using var browser = gateway.CreateClient(key: null);
        using var guess = gateway.CreateClient("zp_bootstrap_fakeGuessedSecret");

        var second = await admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" }, ("Idempotency-Key", "made"));
        await Keep(admin.PostAsync("/api/v1/admin/keys", new { name = "second", role = "admin" }, ("Idempotency-Key", "made")));
        await Keep(admin.GetAsync("/api/v1/admin/keys"));
        await Keep(guess.GetAsync("/api/v1/admin/keys"));
        await Keep(admin.PostAsync("/api/settings/integrations/zoho", new { client_secret = "fake-client-secret", client_secrets = new { eu = "fake-eu-secret" } }));
        await Keep(admin.PostTextAsync("/api/settings/integrations/zoho", """{"client_secret":["fake-client-secret"]}"""));
        await Keep(admin.PostTextAsync("/api/settings/integrations/zoho", """{"client_secret":"fake-client-secret"""));
        await Keep(admin.PostAsync("/api/settings/integrations/hubspot", new { client_secret = "fake-hubspot-secret" }));
        await Keep(admin.GetAsync("/api/settings/integrations/zoho"));
        await Keep(admin.PostAsync("/api/v1/connections", new { provider = "zoho", refresh_token = "1000.fake-refresh-token" }));
        await Keep(admin.PostAsync("/api/v1/connections", new { provider = "zoho", grant_code = "1000.fake-grant-code" }));
        await Keep(admin.PostAsync("/api/v1/connections", new { provider = "zoho", grant_code = "1000.fake-grant-code", refresh_token = "1000.fake-refresh-token" }));
        await Keep(browser.GetAsync("/api/v1/crm/zoho/callback?code=1000.fake-callback-code&state=fake-sealed-state", ("Cookie", "zp_oauth=fake-cookie")));
        var link = await admin.GetAsync("/api/v1/crm/zoho/oauth", ("Accept", "application/json"));
        gateway.Services.CompleteAuthorization = (_, _) => throw new InvalidOperationException("a bug");
        await Keep(browser.GetAsync("/api/v1/crm/zoho/callback?code=1000.fake-callback-code&state=fake-sealed-state", ("Cookie", "zp_oauth=fake-cookie")));
        await gateway.Services.DisposeAsync();
        await Keep(admin.PostAsync("/api/v1/connections", new { provider = "zoho", refresh_token = "1000.fake-refresh-token" }));
        await Keep(browser.GetAsync(new Uri(link.Json.GetProperty("url").GetString()!).PathAndQuery));

        string[] secrets =
        [
            GatewayHost.AdminKey,
            key.Split('_')[2],
            second.Json.GetProperty("key").GetString()!.Split('_')[2],
            link.Json.GetProperty("url").GetString()!.Split("/connect/")[1],
            "fakeGuessedSecret",
            "fake-env-client-secret",
            "fake-env-refresh-token",
            "fake-client-secret",
            "fake-eu-secret",
            "fake-hubspot-secret",
            "fake-refresh-token",
            "fake-grant-code",
            "fake-callback-code",
            "fake-sealed-state",
            "fake-cookie",
            "fake-service-password",
        ];
        Assert.Equal(15, answers.Count);
        Assert.All(secrets, secret =>
        {
            Assert.DoesNotContain(answers, answer => answer.Text.Contains(secret, StringComparison.Ordinal)
                || answer.Headers.Values.Any(value => value.Contains(secret, StringComparison.Ordinal)));
            Assert.DoesNotContain(gateway.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        });
        Assert.DoesNotContain(answers, answer => answer.Text.Contains("   at ", StringComparison.Ordinal));
        Assert.NotEmpty(gateway.Logs.Lines);
    }

    private static void Script(ScriptedServices services)
    {
        services.UpdateSettings = (_, _) => new() { ClientSecrets = { [""] = "••••cret", ["eu"] = "••••cret" } };
        services.GetSettings = (_, _) => new() { ClientSecrets = { [""] = "••••cret" } };
        services.GetCampaignsSettings = _ => new CampaignsSettings();
        services.Messaging.GetSettings = _ => new();
        services.CreateConnection = (_, _) => new Connection { Id = "c1", Provider = "zoho", State = ConnectionState.Active };
        services.CompleteAuthorization = (_, _) => new() { Connection = new() { Id = "c1", Provider = "zoho" } };
        services.StartAuthorization = (_, _) => new() { Id = "a1", ExpiresAt = new(), AuthorizeUrl = "https://accounts.zoho.eu/oauth/v2/auth" };
    }
}
