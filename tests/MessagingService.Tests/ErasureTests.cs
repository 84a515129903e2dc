using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

public sealed class ErasureTests(Zoho zoho) : IClassFixture<Zoho>
{
    private static readonly string[] Filled =
    [
        "messages", "message_contents", "conversations", "conversation_users", "messaging_settings", "channels", "channel_tenants", "crm_states", "day_notes", "early_statuses",
    ];

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_nothing_and_others_keep_theirs()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (gone, stays) = (await world.TenantAsync(), await world.TenantAsync());
        foreach (var tenant in (MessagingTenant[])[gone, stays])
        {
            await world.Host.Settings.UpdateSettingsAsync(new() { DailyNotes = true }, tenant.As(Role.Admin));
            await world.Host.Channels.CreateChannelAsync(new() { Name = "Orders" }, tenant.As(Role.Admin));
            var message = tenant.From("+49 30 1234567", $"m {tenant.Id}");
            message.Content = """{"a":1}""";
            message.UserId = "BR.1502576394655843";
            await tenant.StoreAsync(message);
            await tenant.SettledAsync();
            await world.SqlAsync($"SELECT apply_status(1, '{tenant.Id}', now(), 'unknown', {(int)DeliveryStatus.Read}, now(), NULL, NULL)");
        }

        var (before, kept) = (await TenantRows.CountAsync(world.Database, gone.Id), await TenantRows.CountAsync(world.Database, stays.Id));
        Assert.All(Filled, table => Assert.Equal((table, true), (table, before[table] > 0)));

        // without a word of whose: row level security leaves the tenant's own
        await using (var context = world.Host.Services.GetRequiredService<TenantDb<MessagingDbContext>>().For(stays.Id))
        {
            foreach (var table in Filled.Except(["channel_tenants"]))
            {
                var rows = await context.Database.SqlQuery<long>(FormattableStringFactory.Create($"SELECT count(*) AS \"Value\" FROM {table}")).SingleAsync();
                Assert.Equal((table, kept[table]), (table, rows));
            }
        }

        await world.Host.Data.EraseTenantAsync(
            new() { RequestedAt = world.Clock.GetUtcNow().ToTimestamp() }, TestTickets.OwnOf("gateway", gone.Id, "messaging", world.Clock));

        Assert.All(await TenantRows.CountAsync(world.Database, gone.Id), table => Assert.Equal((table.Key, 0L), (table.Key, table.Value)));
        var left = await TenantRows.CountAsync(world.Database, stays.Id);
        Assert.All(Filled, table => Assert.Equal((table, kept[table]), (table, left[table])));
    }
}
