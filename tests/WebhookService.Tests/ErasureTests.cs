using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class ErasureTests
{
    private static readonly string[] Filled = ["deliveries", "delivery_queue", "events", "sealing_tenants", "webhooks"];

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_its_audit_alone_and_others_keep_theirs()
    {
        await using var world = await WebhooksWorld.PrepareAsync();
        var host = await world.StartHostAsync();
        foreach (var tenant in (TenantId[])[world.Tenant, world.OtherTenant])
        {
            // nobody listens there: what is to be delivered waits
            await host.Webhooks.CreateWebhookAsync(new() { Url = "http://127.0.0.1:1/" }, host.TicketOf(tenant, Role.Admin));
            await host.Events.RaiseAsync(new() { Events = { world.NewEvent() } }, TestTickets.OwnOf("tokens", tenant, "webhooks", world.Time));
        }

        var (before, others) = (await RowsAsync(world.Tenant), await RowsAsync(world.OtherTenant));
        Assert.All(Filled, table => Assert.Equal((table, true), (table, before[table] > 0)));

        var erased = await host.Data.EraseTenantAsync(
            new() { RequestedAt = world.Time.GetUtcNow().ToTimestamp() }, TestTickets.OwnOf("gateway", world.Tenant, "webhooks", world.Time));

        Assert.Equal(before.Values.Sum(), erased.Rows);
        Assert.All(await RowsAsync(world.Tenant), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
        Assert.Equal(others, await RowsAsync(world.OtherTenant));
        var told = await host.Audit.ListEntriesAsync(new() { PageSize = 1 }, world.Admin);
        Assert.Equal(("tenant.erased", $"tenant:{world.Tenant}"), (told.Entries[0].Action, told.Entries[0].Subject));

        Task<IReadOnlyDictionary<string, long>> RowsAsync(TenantId tenant) =>
            TenantRows.CountAsync(world.Configuration["ConnectionStrings:webhooks"]!, tenant);
    }
}
