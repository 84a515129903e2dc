using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Npgsql;
using ZohoPlatform.Gateway.Erasing;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class TenantTests : IAsyncLifetime
{
    private const string Tenants = "/api/v1/admin/tenants";

    private readonly ConcurrentQueue<(string Service, TenantId Tenant, Role Role)> _asked = new();
    private GatewayHost _gateway = null!;
    private RestClient _platform = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayHost.StartAsync();
        _platform = _gateway.CreateClient();
        _gateway.Services.EraseTenant = (service, caller) => _asked.Enqueue((service, caller.Tenant, caller.Role));
    }

    public async Task DisposeAsync()
    {
        _platform.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_tenant_is_gone_when_every_service_has_erased_it_once_more_than_any_call_of_it_can_last()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var client = _gateway.CreateClient(key);
        // an answer that is kept for its repetition
        await client.PostAsync("/api/v1/admin/keys", new { name = "second", role = "viewer" }, ("Idempotency-Key", "second"));
        var before = await RowsAsync(tenant);
        Assert.Equal((2, 1), (before["api_keys"], before["idempotency_records"]));

        var deleted = await _platform.DeleteAsync($"{Tenants}/{tenant}");

        Assert.Equal(HttpStatusCode.Accepted, deleted.Status);
        Assert.NotEqual(default, deleted.Json.GetProperty("deleting_since").GetDateTimeOffset());
        await AskedAsync(5);
        Assert.Equal(
            ["campaigns", "crm", "messaging", "tokens", "webhooks"], _asked.Select(asked => asked.Service).Order(StringComparer.Ordinal));
        Assert.All(_asked, asked => Assert.Equal((tenant, Role.Service), (asked.Tenant.ToString(), asked.Role)));
        Assert.Contains(tenant, await ListedAsync());
        Assert.Equal(HttpStatusCode.Accepted, (await _platform.DeleteAsync($"{Tenants}/{tenant}")).Status);
        Assert.Equal("tenant_deleting", (await _platform.PostAsync($"{Tenants}/{tenant}/keys", new { name = "new", role = "admin" })).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/whoami")).Status);

        _gateway.Clock.Skip(TenantEraser.LastCall);
        await LookAsync();
        await AskedAsync(10);
        await Eventually.GetAsync(ListedAsync, listed => !listed.Contains(tenant));

        Assert.All(await RowsAsync(tenant), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
        Assert.Equal("tenant_not_found", (await _platform.DeleteAsync($"{Tenants}/{tenant}")).Code);
        var told = await _platform.GetAsync($"/api/v1/audit?service=gateway&subject=tenant:{tenant}");
        Assert.Equal(
            ["tenant.erased", "tenant.deleted", "tenant.created"],
            told.Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_key_that_another_replica_still_knows_makes_no_other()
    {
        await using var replica = _gateway.Replica();
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var client = replica.CreateClient(key);
        await client.GetAsync("/api/v1/whoami");
        await _platform.DeleteAsync($"{Tenants}/{tenant}");

        Assert.Equal("tenant_deleting", (await client.PostAsync("/api/v1/admin/keys", new { name = "another", role = "admin" })).Code);
        _gateway.Clock.Skip(TimeSpan.FromSeconds(11));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/whoami")).Status);
    }

    [Fact]
    public async Task A_service_that_is_away_is_asked_until_it_has_erased_the_tenant()
    {
        var isAway = true;
        _gateway.Services.EraseTenant = (service, caller) =>
        {
            _asked.Enqueue((service, caller.Tenant, caller.Role));
            if (service == "tokens" && Volatile.Read(ref isAway))
            {
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "grants wait"));
            }
        };
        var (tenant, _) = await _gateway.CreateTenantAsync();
        await _platform.DeleteAsync($"{Tenants}/{tenant}");
        await AskedAsync(5);

        _gateway.Clock.Skip(TenantEraser.LastCall);
        await LookAsync();
        await AskedAsync(10);
        Assert.Contains(tenant, await ListedAsync());
        Volatile.Write(ref isAway, false);
        _gateway.Clock.Skip(TimeSpan.FromHours(1));
        await LookAsync();

        await Eventually.GetAsync(ListedAsync, listed => !listed.Contains(tenant));
    }

    [Fact]
    public async Task The_platform_keys_own_tenant_stays_and_no_other_key_deletes_any()
    {
        var own = (await _platform.GetAsync("/api/v1/whoami")).Json.GetProperty("tenant_id").GetString();
        Assert.Equal("tenant_of_platform_key", (await _platform.DeleteAsync($"{Tenants}/{own}")).Code);
        Assert.Equal("tenant_not_found", (await _platform.DeleteAsync($"{Tenants}/nobody")).Code);
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var client = _gateway.CreateClient(key);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync($"{Tenants}/{tenant}")).Status);
        Assert.Empty(_asked);
    }

    private Task<int> AskedAsync(int times) => Eventually.GetAsync(() => Task.FromResult(_asked.Count), count => count >= times);

    private async Task<IReadOnlyList<string?>> ListedAsync() =>
        [.. (await _platform.GetAsync(Tenants)).Json.GetProperty("tenants").EnumerateArray().Select(tenant => tenant.GetProperty("id").GetString())];

    private Task<IReadOnlyDictionary<string, long>> RowsAsync(string tenant) =>
        TenantRows.CountAsync(_gateway.Database, TenantId.Parse(tenant, null));

    // the clock was moved while the worker slept
    private async Task LookAsync()
    {
        await using var database = NpgsqlDataSource.Create(_gateway.Database);
        await using var say = database.CreateCommand("SELECT pg_notify('tenant_erasures', '')");
        await say.ExecuteNonQueryAsync();
    }
}
