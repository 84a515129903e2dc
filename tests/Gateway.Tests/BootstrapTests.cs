using System.Net;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class BootstrapTests
{
    private static readonly (string Name, string? Value)[] Environment =
    [
        ("ZOHO_CLIENT_ID", "1000.FAKE"),
        ("ZOHO_CLIENT_SECRET", "fake-client-secret"),
        ("ZOHO_REFRESH_TOKEN", "1000.fake.refresh"),
        ("ZOHO_REGION", "eu"),
        ("ZOHO_CAMPAIGNS_LIST_KEY", "list-1"),
        ("ZOHO_CRM_ENABLED", "true"),
        ("ZOHO_BOOKS_ORG_ID", "77"),
        // CRM's, in links: no organisation of product calls
        ("ZOHO_ORG_ID", "88"),
        ("ZOHO_API_DOMAIN", "https://www.zohoapis.eu"),
        ("HUBSPOT_CLIENT_ID", "fake-hubspot"),
        ("HUBSPOT_CLIENT_SECRET", "fake-hubspot-secret"),
    ];

    [Fact]
    public async Task The_platform_key_is_there_from_the_first_start_on_and_in_its_file()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tests-");
        try
        {
            var file = Path.Combine(folder.FullName, "demo.env");
            await using var gateway = await GatewayHost.StartAsync(("Bootstrap:EnvFile", file), ("Bootstrap:Url", "http://127.0.0.1:8081"));
            using var platform = gateway.CreateClient();

            Assert.Equal("demo", (await platform.GetAsync("/api/v1/admin/tenants")).Json.GetProperty("tenants")[0].GetProperty("name").GetString());
            Assert.Equal(
                $"ZOHO_PLATFORM_API_KEY={GatewayHost.PlatformKey}\nZOHO_PLATFORM_URL=http://127.0.0.1:8081\n", await File.ReadAllTextAsync(file));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            await gateway.RestartAsync();

            using var again = gateway.CreateClient();
            Assert.Equal(1, (await again.GetAsync("/api/v1/admin/tenants")).Json.GetProperty("tenants").GetArrayLength());
            Assert.Equal(1, (await again.GetAsync("/api/v1/admin/keys")).Json.GetProperty("keys").GetArrayLength());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_platform_key_that_was_changed_or_taken_away_stops_working()
    {
        const string Other = "fakeOtherKeyFakeOtherKeyFakeOtherKey02";
        await using var gateway = await GatewayHost.StartAsync();

        await using (var changed = gateway.Replica(("Bootstrap:AdminKey", Other)))
        {
            using var old = changed.CreateClient();
            using var current = changed.CreateClient($"zp_bootstrap_{Other}");
            (await old.GetAsync("/api/v1/admin/keys")).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
            Assert.Equal(HttpStatusCode.OK, (await current.GetAsync("/api/v1/admin/keys")).Status);
        }

        await using var without = gateway.Replica(("Bootstrap:AdminKey", null));
        using var gone = without.CreateClient($"zp_bootstrap_{Other}");
        (await gone.GetAsync("/api/v1/admin/keys")).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");

        // all of it is told to whoever has the key next
        await using var again = gateway.Replica();
        using var platform = again.CreateClient();
        var entries = (await platform.GetAsync("/api/v1/audit?service=gateway")).Json.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(
            ["key.created", "key.deleted", "key.replaced", "key.created", "tenant.created"],
            entries.Select(entry => entry.GetProperty("action").GetString()));
        Assert.All(entries, entry => Assert.Equal("service:gateway", entry.GetProperty("actor").GetString()));
    }

    [Fact]
    public async Task A_platform_key_that_was_changed_or_taken_away_is_in_the_audit_and_no_admin_key_any_more()
    {
        const string Other = "fakeOtherKeyFakeOtherKeyFakeOtherKey02";
        await using var gateway = await GatewayHost.StartAsync();
        using var platform = gateway.CreateClient();
        var admin = (await platform.PostAsync("/api/v1/admin/keys", new { name = "admin", role = "admin" })).Json;

        await using (gateway.Replica(("Bootstrap:AdminKey", Other)))
        await using (gateway.Replica(("Bootstrap:AdminKey", Other)))
        {
        }

        await using var without = gateway.Replica(("Bootstrap:AdminKey", null));
        await using var again = gateway.Replica(("Bootstrap:AdminKey", null));
        using var client = without.CreateClient(admin.GetProperty("key").GetString());
        var entries = (await client.GetAsync("/api/v1/audit?service=gateway&subject=key:bootstrap")).Json.GetProperty("entries");
        var told = entries.EnumerateArray()
            .Select(entry => $"{entry.GetProperty("action").GetString()} by {entry.GetProperty("actor").GetString()}").ToList();

        Assert.Equal(["key.deleted by service:gateway", "key.replaced by service:gateway", "key.created by service:gateway"], told);
        var last = await client.DeleteAsync($"/api/v1/admin/keys/{admin.GetProperty("id").GetString()}");
        last.AssertProblem(HttpStatusCode.Conflict, "last_admin_key");
    }

    [Fact]
    public async Task Settings_from_the_environment_reach_the_services_once()
    {
        var calls = new List<string>();
        await using var gateway = await GatewayHost.StartAsync();
        Answer(gateway, calls);

        await using (var first = gateway.Replica(Environment))
        {
            await Applied(first);
        }

        await using (var second = gateway.Replica(Environment))
        {
            using var client = second.CreateClient();
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/admin/keys")).Status);
        }

        await using (var changed = gateway.Replica([.. Environment, ("ZOHO_CAMPAIGNS_LIST_KEY", "list-2")]))
        {
            await Applied(changed, "The mailing list");
        }

        // after zoho.com, as many files have it
        await using (var american = gateway.Replica([.. Environment, ("ZOHO_CAMPAIGNS_LIST_KEY", "list-2"), ("ZOHO_REGION", "com"), ("ZOHO_API_DOMAIN", null)]))
        {
            await Applied(american);
        }

        Assert.Equal(
            [
                "Service service:gateway zoho client 1000.FAKE fake-client-secret eu True 77 https://www.zohoapis.eu",
                "Service service:gateway hubspot client fake-hubspot fake-hubspot-secret  False",
                "Service service:gateway list list-1",
                "Service service:gateway conversations 88",
                "Service service:gateway connection zoho 1000.fake.refresh",
                // what did not change there may have been changed by people here
                "Service service:gateway list list-2",
                "Service service:gateway zoho client 1000.FAKE fake-client-secret us True 77",
                // a refresh token is its client's
                "Service service:gateway connection zoho 1000.fake.refresh",
            ],
            calls);
    }

    [Fact]
    public async Task Without_one_service_the_others_are_set_up_once_whatever_people_set_since()
    {
        var calls = new List<string>();
        await using var gateway = await GatewayHost.StartAsync();
        Answer(gateway, calls);

        await using (var first = gateway.Replica([.. Environment, ("services:campaigns:grpc:0", null)]))
        {
            await Applied(first);
            Assert.Contains(first.Logs.Lines, line => line.Contains("no address of the service campaigns", StringComparison.Ordinal));
        }

        await using (var second = gateway.Replica(Environment))
        {
            await Applied(second, "The mailing list");
        }

        Assert.Equal(5, calls.Count);
        Assert.EndsWith("list list-1", calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_refresh_token_is_named_and_the_rest_goes_on()
    {
        var calls = new List<string>();
        await using var gateway = await GatewayHost.StartAsync();
        Answer(gateway, calls);
        gateway.Services.CreateConnection = (_, _) => throw new Failure(
            FailureKind.Precondition, "grant_revoked", "Invalid refresh token: connect again and set the new one.").ToRpcException();

        await using (gateway.Replica(Environment))
        {
            await Eventually.GetAsync(() => Task.FromResult(calls.Count), count => count == 4);
        }

        await using var replica = gateway.Replica(Environment);

        var line = await Eventually.GetAsync(
            () => Task.FromResult(replica.Logs.Lines.FirstOrDefault(line => line.Contains("ZOHO_REFRESH_TOKEN", StringComparison.Ordinal))), line => line is not null);
        Assert.Contains("Invalid refresh token", line, StringComparison.Ordinal);
        Assert.DoesNotContain("1000.fake.refresh", line, StringComparison.Ordinal);
        // what was applied is not applied again because of it
        Assert.Equal(4, calls.Count);
    }

    [Fact]
    public async Task Services_that_are_away_are_waited_for()
    {
        var calls = new List<string>();
        await using var gateway = await GatewayHost.StartAsync();
        Answer(gateway, calls);
        var update = gateway.Services.UpdateSettings;
        gateway.Services.UpdateSettings = (_, _) => throw StorageOutage.Failure.ToRpcException();

        await using var replica = gateway.Replica(Environment);
        await Eventually.GetAsync(
            () => Task.FromResult(replica.Logs.Lines.Any(line => line.Contains("wait: ", StringComparison.Ordinal))), waits => waits);
        gateway.Services.UpdateSettings = update;

        await Applied(replica);
    }

    [Theory]
    [InlineData("Bootstrap:AdminKey", "short", "Bootstrap:AdminKey")]
    [InlineData("Bootstrap:EnvFile", "/nowhere/at/all/demo.env", "Bootstrap:EnvFile")]
    [InlineData("Gateway:PublicUrl", "http://zoho.example.com", "Gateway:PublicUrl")]
    [InlineData("Gateway:PublicUrl", "https://zoho.example.com/path", "Gateway:PublicUrl")]
    [InlineData("Gateway:Cors:Origins:0", "example.com", "Gateway:Cors:Origins")]
    [InlineData("Gateway:KnownProxies:0", "proxy", "Gateway:KnownProxies")]
    [InlineData("RateLimits:PerMinute", "0", "RateLimits:PerMinute")]
    [InlineData("RateLimits:Burst", "900000", "RateLimits:Burst must be less than RateLimits:OwnerPerMinute")]
    [InlineData("RateLimits:StreamsPerKey", "40", "RateLimits:StreamsPerKey must be less than RateLimits:StreamsPerOwner")]
    [InlineData("RateLimits:UploadsPerTenant", "100", "RateLimits:UploadsPerTenant must be less than RateLimits:UploadsAtOnce")]
    [InlineData("services:tokens:grpc:0", "tokens", "services:tokens:grpc:0")]
    [InlineData("ConnectionStrings:gateway", null, "ConnectionStrings:gateway")]
    [InlineData("ConnectionStrings:redis", null, "ConnectionStrings:redis")]
    [InlineData("Tickets:SigningKey", null, "Tickets:SigningKey")]
    [InlineData("ZOHO_REFRESH_TOKEN", "1000.fake", "ZOHO_CLIENT_ID")]
    [InlineData("ZOHO_CLIENT_ID", "1000.fake", "ZOHO_CLIENT_SECRET")]
    [InlineData("HUBSPOT_CLIENT_ID", "fake", "HUBSPOT_CLIENT_SECRET")]
    [InlineData("ZOHO_CRM_ENABLED", "maybe", "ZOHO_CRM_ENABLED")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string name, string? value, string named)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var gateway = await GatewayHost.StartAsync((name, value));
        });

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    private static Task<bool> Applied(GatewayHost gateway, string what = "The Zoho connection") => Eventually.GetAsync(
        () => Task.FromResult(gateway.Logs.Lines.Any(line => line.Contains(what, StringComparison.Ordinal) && line.Contains("is applied to the tenant demo", StringComparison.Ordinal))),
        applied => applied);

    private static void Answer(GatewayHost gateway, List<string> calls)
    {
        T Note<T>(Caller caller, string call, T answer)
        {
            lock (calls)
            {
                calls.Add($"{caller.Role} {caller.Subject} {call}");
            }

            return answer;
        }

        gateway.Services.UpdateSettings = (r, caller) => Note(
            caller,
            $"{r.Provider} client {r.ClientId} {r.ClientSecrets[""]} {r.Region} {r.CrmEnabled} {r.OrganizationId} {r.ApiDomain}".TrimEnd(),
            new IntegrationSettings());
        gateway.Services.CreateConnection = (r, caller) =>
            Note(caller, $"connection {r.Provider} {r.RefreshToken}", new Connection { Provider = "zoho" });
        gateway.Services.Messaging.UpdateSettings = (r, caller) =>
            Note(caller, $"conversations {r.CrmOrganizationId}", new Contracts.Messaging.V1.MessagingSettings());
        gateway.Services.UpdateCampaignsSettings = (r, caller) => Note(caller, $"list {r.CampaignsListKey}", new Contracts.Campaigns.V1.CampaignsSettings());
    }
}
