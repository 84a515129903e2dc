using System.Net;
using Npgsql;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

public sealed class ApiKeyTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Keys = "/api/v1/admin/keys";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_new_key_is_shown_once_and_works()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var created = await admin.PostAsync(Keys, new { name = "shop", role = "viewer" });
        var secret = created.Json.GetProperty("key").GetString()!;
        using var viewer = _gateway.CreateClient(secret);
        var listed = await admin.GetAsync(Keys);

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.StartsWith($"zp_{created.Json.GetProperty("id").GetString()}_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Split('_')[2], listed.Text, StringComparison.Ordinal);
        Assert.Equal(2, listed.Json.GetProperty("keys").GetArrayLength());
        (await viewer.GetAsync(Keys)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    [Fact]
    public async Task A_key_gets_another_name_and_another_secret_beside_which_the_old_one_opens_for_a_while()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var created = await admin.PostAsync(Keys, new { name = "shop", role = "viewer" });
        var one = $"{Keys}/{created.Json.GetProperty("id").GetString()}";
        var first = created.Json.GetProperty("key").GetString();
        Assert.Equal(one, created.Header("Location"));
        Assert.Equal("web shop", (await admin.PatchAsync(one, new { name = "web shop" })).Json.GetProperty("name").GetString());

        var second = await RotateAsync(3600);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(first), await StatusAsync(second)));
        Assert.True((await admin.GetAsync(one)).Json.TryGetProperty("previous_secret_ends_at", out _));
        _gateway.Clock.Skip(TimeSpan.FromHours(1));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(first), await StatusAsync(second)));

        var third = await RotateAsync(0);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(second), await StatusAsync(third)));
        Assert.False((await admin.GetAsync(one)).Json.TryGetProperty("previous_secret_ends_at", out _));
        (await admin.PostAsync($"{one}/rotate-secret", new { overlap_seconds = 604801 }))
            .AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "overlap_seconds");
        (await admin.GetAsync($"{Keys}/nobody")).AssertProblem(HttpStatusCode.NotFound, "key_not_found");
        using var platform = _gateway.CreateClient();
        (await platform.PostAsync($"{Keys}/bootstrap/rotate-secret", new { })).AssertProblem(HttpStatusCode.Conflict, "key_is_configured");

        async Task<string?> RotateAsync(int overlap) =>
            (await admin.PostAsync($"{one}/rotate-secret", new { overlap_seconds = overlap })).Json.GetProperty("key").GetString();

        async Task<HttpStatusCode> StatusAsync(string? key)
        {
            using var client = _gateway.CreateClient(key);
            return (await client.GetAsync("/api/v1/whoami")).Status;
        }
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        foreach (var name in (string[])["one", "two"])
        {
            await admin.PostAsync(Keys, new { name, role = "viewer" });
        }

        var first = await admin.GetAsync($"{Keys}?page_size=2");
        var last = await admin.GetAsync($"{Keys}?page_size=2&page_token={first.Json.GetProperty("next_page_token").GetString()}");

        Assert.Equal((2, 3), (first.Json.GetProperty("keys").GetArrayLength(), first.Json.GetProperty("total").GetInt32()));
        Assert.Equal(1, last.Json.GetProperty("keys").GetArrayLength());
        Assert.False(last.Json.TryGetProperty("next_page_token", out _));
        (await admin.GetAsync($"{Keys}?page_token=none")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "page_token");
    }

    [Fact]
    public async Task A_tenant_has_so_many_keys_at_most_whichever_replica_makes_them()
    {
        await using var replica = _gateway.Replica();
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var here = _gateway.CreateClient(key);
        using var there = replica.CreateClient(key);
        using var platform = _gateway.CreateClient();
        foreach (var part in Enumerable.Range(0, 96).Chunk(12))
        {
            foreach (var made in await Task.WhenAll(part.Select(_ => here.PostAsync(Keys, new { name = "one more", role = "viewer" }))))
            {
                Assert.Equal(HttpStatusCode.Created, made.Status);
            }
        }

        // room for three
        var last = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => (i % 2 == 0 ? here : there).PostAsync(Keys, new { name = "one more", role = "viewer" })));

        Assert.Equal(3, last.Count(answer => answer.Status is HttpStatusCode.Created));
        Assert.All(
            last.Where(answer => answer.Status is not HttpStatusCode.Created),
            answer => answer.AssertProblem(HttpStatusCode.Conflict, "too_many_keys"));
        (await platform.PostAsync($"/api/v1/admin/tenants/{tenant}/keys", new { name = "one more", role = "admin" }))
            .AssertProblem(HttpStatusCode.Conflict, "too_many_keys");
        var all = (await here.GetAsync($"{Keys}?page_size=200")).Json.GetProperty("keys");
        Assert.Equal(100, all.GetArrayLength());

        var unneeded = all.EnumerateArray().First(one => one.GetProperty("role").GetString() == "viewer").GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await here.DeleteAsync($"{Keys}/{unneeded}")).Status);
        Assert.Equal(HttpStatusCode.Created, (await there.PostAsync(Keys, new { name = "one more", role = "viewer" })).Status);
    }

    [Fact]
    public async Task A_deleted_key_stops_working_here_at_once()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var created = await admin.PostAsync(Keys, new { name = "second", role = "admin" });
        using var second = _gateway.CreateClient(created.Json.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync(Keys)).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Keys}/{created.Json.GetProperty("id").GetString()}")).Status);

        (await second.GetAsync(Keys)).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Fact]
    public async Task A_deleted_key_stops_working_in_another_replica_within_ten_seconds()
    {
        await using var replica = _gateway.Replica();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var created = await admin.PostAsync(Keys, new { name = "second", role = "admin" });
        using var second = replica.CreateClient(created.Json.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync(Keys)).Status);
        await admin.DeleteAsync($"{Keys}/{created.Json.GetProperty("id").GetString()}");

        _gateway.Clock.Skip(ApiKeyVerifier.Remembered);

        (await second.GetAsync(Keys)).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Fact]
    public async Task A_key_stops_working_when_it_expires()
    {
        await using var gateway = _gateway.Replica();
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        var created = await admin.PostAsync(Keys, new { name = "short", role = "admin", expires_at = gateway.Clock.GetUtcNow().AddSeconds(5) });
        using var shortLived = gateway.CreateClient(created.Json.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await shortLived.GetAsync(Keys)).Status);

        gateway.Clock.Skip(TimeSpan.FromSeconds(5));

        (await shortLived.GetAsync(Keys)).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Theory]
    [InlineData(null, "key_missing")]
    [InlineData("zp_0000000000000000_nosuchsecret", "key_invalid")]
    [InlineData("zp_bootstrap_wrongsecretwrongsecretwrongsecret0", "key_invalid")]
    [InlineData("zp__", "key_invalid")]
    [InlineData("zp_bootstrap", "key_invalid")]
    [InlineData("something else", "key_invalid")]
    public async Task Without_a_key_that_is_right_there_is_nothing_to_see(string? key, string code)
    {
        using var client = _gateway.CreateClient(key: null);
        var headers = key is null ? [] : new[] { ("Authorization", $"Bearer {key}") };

        var answer = await client.GetAsync(Keys, headers);

        answer.AssertProblem(HttpStatusCode.Unauthorized, code);
        Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("viewer", 200, 403, 403)]
    [InlineData("operator", 200, 200, 403)]
    [InlineData("admin", 200, 200, 200)]
    public async Task Each_role_may_do_what_it_is_for(string role, int reads, int tests, int changes)
    {
        _gateway.Services.ListConnections = (_, _) => new();
        _gateway.Services.TestConnection = (_, _) => new() { Ok = true, Message = "fine" };
        using var client = await _gateway.CreateClientOfNewTenantAsync(role);

        Assert.Equal(reads, (int)(await client.GetAsync("/api/v1/connections")).Status);
        Assert.Equal(tests, (int)(await client.PostAsync("/api/v1/connections/1/test")).Status);
        Assert.Equal(changes, (int)(await client.GetAsync(Keys)).Status);
    }

    [Fact]
    public async Task The_last_admin_key_of_a_tenant_stays()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var id = (await admin.GetAsync(Keys)).Json.GetProperty("keys")[0].GetProperty("id").GetString();
        await admin.PostAsync(Keys, new { name = "reader", role = "viewer" });

        (await admin.DeleteAsync($"{Keys}/{id}")).AssertProblem(HttpStatusCode.Conflict, "last_admin_key");

        await admin.PostAsync(Keys, new { name = "other", role = "admin" });
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Keys}/{id}")).Status);
    }

    [Fact]
    public async Task Two_admins_who_delete_each_other_at_once_leave_one()
    {
        using var one = await _gateway.CreateClientOfNewTenantAsync();
        var other = await one.PostAsync(Keys, new { name = "other", role = "admin" });
        using var two = _gateway.CreateClient(other.Json.GetProperty("key").GetString());
        var ids = (await one.GetAsync(Keys)).Json.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("id").GetString()).ToList();

        var answers = await Task.WhenAll(one.DeleteAsync($"{Keys}/{ids[1]}"), two.DeleteAsync($"{Keys}/{ids[0]}"));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task The_platform_key_is_not_deleted_over_the_api()
    {
        using var platform = _gateway.CreateClient();

        (await platform.DeleteAsync($"{Keys}/{ApiKeyStore.PlatformKeyId}")).AssertProblem(HttpStatusCode.Conflict, "key_is_configured");
    }

    [Fact]
    public async Task Another_tenants_key_is_not_found()
    {
        using var one = await _gateway.CreateClientOfNewTenantAsync();
        using var other = await _gateway.CreateClientOfNewTenantAsync();
        var id = (await one.GetAsync(Keys)).Json.GetProperty("keys")[0].GetProperty("id").GetString();

        (await other.DeleteAsync($"{Keys}/{id}")).AssertProblem(HttpStatusCode.NotFound, "key_not_found");
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync(Keys)).Status);
    }

    [Fact]
    public async Task Only_the_platform_key_manages_tenants()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.GetAsync("/api/v1/admin/tenants")).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        (await admin.PostAsync("/api/v1/admin/tenants", new { name = "mine" })).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
    }

    [Fact]
    public async Task A_tenants_name_is_taken_once()
    {
        using var platform = _gateway.CreateClient();
        await platform.PostAsync("/api/v1/admin/tenants", new { name = "north" });

        (await platform.PostAsync("/api/v1/admin/tenants", new { name = "north" })).AssertProblem(HttpStatusCode.Conflict, "tenant_exists");
        (await platform.PostAsync($"/api/v1/admin/tenants/{Guid.NewGuid()}/keys", new { name = "first", role = "admin" }))
            .AssertProblem(HttpStatusCode.NotFound, "tenant_not_found");
    }

    [Fact]
    public async Task A_key_says_when_it_was_last_used()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        await admin.GetAsync(Keys);

        var used = (await admin.GetAsync(Keys)).Json.GetProperty("keys")[0].GetProperty("last_used_at").GetDateTimeOffset();

        Assert.InRange(_gateway.Clock.GetUtcNow() - used, TimeSpan.Zero, ApiKeyStore.LastUsedPrecision);
    }

    [Theory]
    [InlineData("api_keys")]
    [InlineData("idempotency_records")]
    public async Task A_query_without_a_tenant_sees_no_tenants_rows(string table)
    {
        var (_, key) = await _gateway.CreateTenantAsync();
        using var admin = _gateway.CreateClient(key);
        await admin.PostAsync(Keys, new { name = "other", role = "viewer" }, ("Idempotency-Key", "one"));

        var database = new NpgsqlConnectionStringBuilder(_gateway.Database);
        (database.Username, database.Password) = ($"{database.Database}_service", "fake-service-password");
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);

        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }
}
