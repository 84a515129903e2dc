using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

public sealed class ErasureTests(Crm crm) : IClassFixture<Crm>
{
    private static readonly string[] Filled = ["feeds", "feed_records", "subscriptions", "copies", "copy_records", "copy_runs", "copy_queue"];

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_nothing_and_others_keep_theirs()
    {
        await using var world = await CrmWorld.StartAsync(crm);
        await crm.GenerateAsync("Leads", 20);
        var (gone, stays) = (await world.TenantAsync(), await world.TenantAsync());
        foreach (var tenant in (CrmTenant[])[gone, stays])
        {
            await tenant.RestedAsync((await tenant.SubscribeAsync("Leads", ["Last_Name"])).FeedId);
        }

        Assert.All(Filled, table => Assert.Equal((table, true), (table, CountAsync(world, table, gone).Result > 0)));
        await world.Host.Data.EraseTenantAsync(
            new() { RequestedAt = world.Clock.GetUtcNow().ToTimestamp() }, TestTickets.OwnOf("gateway", gone.Id, "crm", world.Clock));

        foreach (var table in Filled)
        {
            Assert.Equal((table, 0L), (table, await CountAsync(world, table, gone)));
            Assert.Equal((table, true), (table, await CountAsync(world, table, stays) > 0));
        }
    }

    private static async Task<long> CountAsync(CrmWorld world, string table, CrmTenant tenant) =>
        (long)(await world.SqlAsync($"SELECT count(*) FROM {table} WHERE tenant_id = '{tenant.Id.Value}'"))!;
}
