using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>What each service may do in the one Redis, read from Redis itself.</summary>
[Collection(OneLaunch.Name)]
public sealed class RedisTests(SharedPlatform shared)
{
    private const string Looking = "looking";

    // who calls providers counts in the same quotas
    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["tokens"] = "tokens:{test}",
        ["campaigns"] = "sync-pace:{test}",
        ["crm"] = "quota:{test}",
        ["messaging"] = "quota:{test}",
        ["gateway"] = "{gateway:test}",
    };

    // what the services keep there for more than a moment
    private static readonly string[] Kept =
    [
        "tokens:*:access", "tokens:*:replaced:*", "quota:*", "sync-pace:*", "campaign-results:*", "{gateway:bucket:*",
    ];

    private readonly Platform _platform = shared.Platform;

    [Theory]
    [InlineData("tokens")]
    [InlineData("campaigns")]
    [InlineData("crm")]
    [InlineData("messaging")]
    [InlineData("gateway")]
    public async Task A_services_login_reads_its_own_keys_and_nobody_elses(string service)
    {
        var running = await _platform.WaitForAsync(service, snapshot => !snapshot.EnvironmentVariables.IsEmpty);
        var admin = ConfigurationOptions.Parse((await _platform.ConnectionStringAsync("redis"))!);
        var login = ConfigurationOptions.Parse(
            Assert.Single(running.EnvironmentVariables, variable => variable.Name == "ConnectionStrings__redis").Value!);
        Assert.DoesNotContain(
            running.EnvironmentVariables, variable => variable.Value?.Contains(admin.Password!, StringComparison.Ordinal) is true);
        Assert.Equal(service, login.User);
        (login.ClientName, login.AllowAdmin) = (Looking, true);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(login);
        var redis = connection.GetDatabase();

        await redis.StringSetAsync(Keys[service], 1, TimeSpan.FromMinutes(1));
        Assert.Equal(1, await redis.StringGetAsync(Keys[service]));

        foreach (var (_, key) in Keys.Where(other => other.Value != Keys[service] && !(other.Value == Keys["crm"] && service is "campaigns")))
        {
            await RefusedAsync(() => redis.StringGetAsync(key));
        }

        await RefusedAsync(() => redis.ExecuteAsync("FLUSHALL"));
    }

    [Fact]
    public async Task No_service_is_refused_what_it_asks_for()
    {
        await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "redis@example.com", first_name = "Remote" }), "subscribed");
        await GetAsync(_platform.Gateway, "/api/v1/campaigns/lists?refresh=true");
        await SyncWithRateAsync();
        await ReportTokenAsync();

        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{await _platform.ConnectionStringAsync("redis")},allowAdmin=true");
        foreach (var pattern in Kept)
        {
            await Eventually.GetAsync(
                async () =>
                {
                    // a caller's bucket is there until it is full again
                    await GetAsync(_platform.Gateway, "/api/v1/whoami");
                    return (pattern, IsThere: connection.GetServers().Single().Keys(pattern: pattern).Any());
                },
                found => found.IsThere);
        }

        var refused = (RedisResult[])(await connection.GetDatabase().ExecuteAsync("ACL", "LOG"))!;
        Assert.DoesNotContain(
            refused.Select(entry => string.Join(' ', ((RedisResult[])entry!).Select(part => part.ToString()))),
            // the client tries what tells it more about the server, and does without
            entry => !entry.Contains($"name={Looking}", StringComparison.Ordinal)
                && !entry.Contains(" object config|get ", StringComparison.Ordinal)
                && !entry.Contains(" object cluster|nodes ", StringComparison.Ordinal));
    }

    private async Task SyncWithRateAsync()
    {
        using var file = new StringContent("email\nredis-sync@example.com", Encoding.UTF8, "text/csv");
        var upload = await ReadAsync(await _platform.Gateway.PostAsync("/api/v1/campaigns/sync-sources", file));
        var body = new { source = new { upload_id = upload.GetProperty("id").GetString() }, rate = 600 };
        var sync = await ReadAsync(await _platform.Gateway.PostAsJsonAsync("/api/v1/campaigns/syncs", body));
        await Eventually.GetAsync(
            () => GetAsync(_platform.Gateway, sync.GetProperty("status_url").GetString()!),
            now => now.GetProperty("state").GetString() == "completed");
    }

    // with a connection and a key of its own, which both go
    private async Task ReportTokenAsync()
    {
        var minted = await ReadAsync(await _platform.Simulator.PostAsJsonAsync("/_simulator/refresh-tokens", new { data_centre = "us" }));
        var connection = (await ReadAsync(await _platform.Gateway.PostAsJsonAsync("/api/v1/connections", new
        {
            provider = "zoho",
            features = new[] { "campaigns" },
            owner = "redis@example.com",
            refresh_token = minted.GetProperty("refresh_token").GetString(),
        }))).GetProperty("id").GetString();
        var key = await ReadAsync(await _platform.Gateway.PostAsJsonAsync("/api/v1/admin/keys", new
        {
            name = "redis",
            role = "viewer",
            permissions = new[] { new { name = "tokens:read", connection_ids = new[] { connection } } },
        }));
        using var reader = new HttpClient { BaseAddress = _platform.Gateway.BaseAddress };
        reader.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("key").GetString());

        var path = $"/api/v1/connections/{connection}/access-token";
        var token = (await GetAsync(reader, path)).GetProperty("access_token").GetString()!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        // one that Zoho still accepts is kept
        using var killed = await _platform.Simulator.PostAsJsonAsync("/_simulator/tokens/kill", new { kind = "access", token });
        killed.EnsureSuccessStatusCode();
        var report = await ReadAsync(await reader.PostAsJsonAsync($"{path}/rejected", new { token_sha256 = hash }));
        Assert.True(report.GetProperty("replaced").GetBoolean());
        await GetAsync(reader, path);

        (await _platform.Gateway.DeleteAsync($"/api/v1/admin/keys/{key.GetProperty("id").GetString()}")).EnsureSuccessStatusCode();
        (await _platform.Gateway.DeleteAsync($"/api/v1/connections/{connection}")).EnsureSuccessStatusCode();
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path) => await ReadAsync(await http.GetAsync(path));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
            return JsonElement.Parse(text);
        }
    }

    private static async Task RefusedAsync(Func<Task> ask) =>
        Assert.Contains("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(ask)).Message, StringComparison.Ordinal);
}
