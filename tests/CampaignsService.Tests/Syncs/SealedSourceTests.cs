using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>The connection string of a sync that waits, as it lies in the database.</summary>
public sealed class SealedSourceTests(Zoho zoho) : IClassFixture<Zoho>
{
    [Fact]
    public async Task A_waiting_syncs_connection_string_is_sealed_anew_when_the_ring_is_rotated()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        // nobody takes the sync up, so that it waits
        await using var campaigns = await Campaigns.StartAsync(zoho, clock, pushes: false);
        var tenant = (await campaigns.TenantAsync()).Id;
        var source = await SourceServer.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(source))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("CREATE TABLE users (id bigint PRIMARY KEY, email text)", connection);
            await command.ExecuteNonQueryAsync();
        }

        var sync = await new Syncing(campaigns.Host, tenant).CreateAsync(new CreateSyncRequest
        {
            Source = new SyncSource { Table = new TableSource { ConnectionString = source, Table = "users" } },
            DryRun = true,
        });
        var before = await SealedAsync();
        var gateway = campaigns.Host.TicketOf(TenantId.None, Role.Service);

        var rotation = await campaigns.Host.Keys.StartRotationAsync(new(), gateway);
        Assert.Equal((1, 1), (rotation.Status.SealedValues, rotation.Status.OnOlderKeys));
        await Eventually.GetAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(6));
                return (await campaigns.Host.Keys.GetStatusAsync(new(), gateway)).OnOlderKeys;
            },
            left => left == 0);

        var after = await SealedAsync();
        Assert.NotEqual(before, after);
        var seals = campaigns.Host.Services.GetRequiredService<Seals>();
        var place = SyncRow.ConnectionOf(tenant, Guid.Parse(sync.Id));
        Assert.Equal(seals.Open(place, before), seals.Open(place, after));

        async Task<byte[]> SealedAsync()
        {
            await using var context = campaigns.Host.Db.For(tenant);
            return (await context.Syncs.AsNoTracking().SingleAsync()).SealedConnection!;
        }
    }
}
