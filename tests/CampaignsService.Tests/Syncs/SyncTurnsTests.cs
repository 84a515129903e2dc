using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Syncs that are to go slowly, and those beside them.</summary>
public sealed class SyncTurnsTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;
    private Tenant _tenant = null!;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho);
        _tenant = await _campaigns.TenantAsync();
        _syncing = new Syncing(_campaigns.Host, _tenant.Id);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task Syncs_that_wait_for_their_pace_hold_up_neither_another_tenants_nor_their_own_tenants()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv(Syncing.Users(3)));
        for (var i = 0; i < 22; i++)
        {
            await _syncing.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, Rate = 1 });
        }

        // all of them have made their one call, the first of them some time ago
        await Eventually.GetAsync(() => WaitingAsync(TimeSpan.FromSeconds(5)), waiting => waiting == 22);
        var other = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);
        foreach (var (who, prefix) in new[] { (other, "other"), (_syncing, "own") })
        {
            var done = await who.EventuallyAsync(await who.CreateAsync(Syncing.Users(3, prefix)), SyncState.Completed);

            Assert.InRange(done.StartedAt.ToDateTimeOffset() - done.CreatedAt.ToDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            Assert.InRange(done.EndedAt.ToDateTimeOffset() - done.CreatedAt.ToDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public async Task A_sync_that_waits_for_its_pace_is_in_nobodys_hands_and_any_replica_goes_on_from_where_it_was()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(25), rate: 1);
        await _campaigns.AddReplicaAsync();

        // one moment after the other, with whichever replica comes first
        var done = await Eventually.GetAsync(
            async () =>
            {
                if (await WaitingAsync(TimeSpan.FromSeconds(30)) == 1)
                {
                    await ComesNowAsync(created);
                }

                return await _syncing.GetAsync(created.Id);
            },
            now => now.State is SyncState.Completed);

        Assert.Equal((25, 25), (done.Counts.Processed, done.Counts.Added));
        Assert.Equal(3, await zoho.CallsAsync("addlistsubscribersinbulk"));
        Assert.All(await _syncing.LedgerAsync(done), contact => Assert.Equal(Outcome.Added, contact.Outcome));
        // one call a minute, ten contacts in each
        Assert.InRange(done.ContactsPerMinute, 1, 10);
    }

    [Fact]
    public async Task A_sync_that_is_paused_while_it_waits_for_its_pace_stays_so()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(25), rate: 1);
        await Eventually.GetAsync(() => WaitingAsync(TimeSpan.FromSeconds(30)), waiting => waiting == 1);

        await _syncing.PauseAsync(created);
        Assert.Equal(0, await WaitingAsync(TimeSpan.Zero));

        await ForgetPaceAsync(created);
        await _syncing.ResumeAsync(created);
        await Eventually.GetAsync(() => WaitingAsync(TimeSpan.FromSeconds(30)), waiting => waiting == 1);
        Assert.Equal(SyncState.Running, (await _syncing.GetAsync(created.Id)).State);
    }

    // syncs that nobody has and that are due later than this, but some day
    private async Task<long> WaitingAsync(TimeSpan atLeast)
    {
        await using var count = _campaigns.Host.Db.DataSource.CreateCommand(
            "SELECT count(*) FROM sync_work WHERE claimed_by IS NULL AND due_at > now() + $1 AND due_at < now() + interval '1 hour'");
        count.Parameters.Add(new() { Value = atLeast });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task ComesNowAsync(Wire.Sync sync)
    {
        await ForgetPaceAsync(sync);
        await using var due = _campaigns.Host.Db.DataSource.CreateCommand($"UPDATE sync_work SET due_at = now() WHERE id = '{sync.Id}'");
        await due.ExecuteNonQueryAsync();
    }

    private async Task ForgetPaceAsync(Wire.Sync sync) => Assert.True(
        await _campaigns.Host.Services.GetRequiredService<RedisServer>().AskAsync(
            database => database.KeyDeleteAsync($"sync-pace:{{{_tenant.Id}}}:{sync.Id}"), default));
}
