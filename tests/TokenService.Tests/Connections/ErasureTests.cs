using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests.Connections;

public sealed class ErasureTests : IAsyncLifetime
{
    private static readonly string[] Filled = ["client_secrets", "connections", "integration_settings", "sealing_tenants"];

    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_tenant_is_erased_when_its_grants_are_taken_back_and_not_before()
    {
        await _world.TokenAsync((await _world.ConnectWithCodeAsync()).Id);
        await _world.ConnectWithCodeAsync(owner: "ada");
        await _world.ConnectAsync(owner: "grace");
        var before = await RowsAsync();
        Assert.All(Filled, table => Assert.Equal((table, true), (table, before[table] > 0)));
        _world.Zoho.Instead = request => request.Path.Contains("revoke", StringComparison.Ordinal)
            ? PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway)
            : null;
        var since = _world.Time.GetUtcNow();

        await TokenWorld.RefusedAsync("grants_not_revoked", () => EraseAsync(since));
        Assert.Equal(2L, (await RowsAsync())["revocations"]);

        _world.Zoho.Instead = _ => null;
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.GetAsync(async () => (await RowsAsync())["revocations"], left => left == 0);
        Assert.NotEqual(0, await EraseAsync(since));
        Assert.All(await RowsAsync(), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
        Assert.DoesNotContain(_world.Zoho.Revocations, request => request.Path.Contains(TokenWorld.RefreshToken, StringComparison.Ordinal));
        var told = await _world.Host.Audit.ListEntriesAsync(new() { PageSize = 200 }, _world.Admin);
        Assert.Equal(2, told.Entries.Count(entry => entry.Action == "grant.revoked"));
        Assert.Single(told.Entries, entry => entry.Action == "tenant.erased");
    }

    [Fact]
    public async Task A_provider_that_takes_nothing_back_for_a_day_keeps_no_tenant()
    {
        await _world.ConnectWithCodeAsync();
        _world.Zoho.Instead = _ => PlayedZoho.Answer("<html>", HttpStatusCode.BadGateway);
        var since = _world.Time.GetUtcNow();
        await TokenWorld.RefusedAsync("grants_not_revoked", () => EraseAsync(since));

        Assert.NotEqual(0, await EraseAsync(since - TimeSpan.FromDays(1)));

        Assert.All(await RowsAsync(), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
    }

    private async Task<long> EraseAsync(DateTimeOffset since) => (await _world.Host.Data.EraseTenantAsync(
        new() { RequestedAt = since.ToTimestamp() }, TestTickets.OwnOf("gateway", _world.Tenant, "tokens", _world.Time))).Rows;

    private Task<IReadOnlyDictionary<string, long>> RowsAsync() =>
        TenantRows.CountAsync(_world.Configuration["ConnectionStrings:tokens"]!, _world.Tenant);
}
