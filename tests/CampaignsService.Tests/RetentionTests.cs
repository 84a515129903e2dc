using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What is two years old goes by itself; what is younger, or waits for something, stays.</summary>
public sealed class RetentionTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    // more than is deleted at once
    private const int LedgerRows = 12_000;

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho, _clock);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task After_its_days_a_sync_goes_with_its_ledger_and_a_registration_that_waits_for_nothing()
    {
        var tenant = await _campaigns.TenantAsync();
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var old = await CompletedAsync(syncing);
        await AskAsync(
            $"""
            INSERT INTO sync_contacts SELECT (jsonb_populate_record(c, jsonb_build_object('position', 3 + n))).*
            FROM sync_contacts c, generate_series(1, {LedgerRows}) n WHERE c.sync_id = '{old.Id}' AND c.position = 1 RETURNING 1::bigint
            """);
        var pushed = await tenant.SubmitAsync("ada@example.com");
        await tenant.EventuallyAsync(pushed, RegistrationStatus.Subscribed, _clock);
        var waiting = await (await _campaigns.TenantAsync(listSet: false)).SubmitAsync("grace@example.com");
        Assert.Equal(LedgerRows + 3L, await LedgerOfAsync(old));

        _clock.Advance(TimeSpan.FromDays(700));
        await SweptAsync();
        var young = await CompletedAsync(syncing);
        _clock.Advance(TimeSpan.FromDays(31));

        await EventuallyAsync(() => AskAsync("SELECT count(*) FROM syncs"), 1);
        await EventuallyAsync(() => AskAsync($"SELECT count(*) FROM registrations WHERE id = '{pushed.Id}'"), 0);
        await EventuallyAsync(() => AskAsync("SELECT count(*) FROM sync_expiry"), 0);
        Assert.Equal((0L, 3L), (await LedgerOfAsync(old), await LedgerOfAsync(young)));
        Assert.Equal(1L, await AskAsync($"SELECT count(*) FROM registrations WHERE id = '{waiting.Id}'"));
    }

    // as fast as time goes: it waits for its pace
    private async Task<Wire.Sync> CompletedAsync(Syncing syncing)
    {
        var sync = await syncing.CreateAsync(Syncing.Users(3));
        return await Eventually.GetAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                return syncing.GetAsync(sync.Id);
            },
            now => now.State is SyncState.Completed);
    }

    // a leap of the clock ends the claim of a sweep that it finds at work: it would be waited for by the database's clock
    private Task<long> SweptAsync() => Eventually.GetAsync(
        () => AskAsync($"SELECT count(*) FROM retention_queue WHERE claimed_by IS NOT NULL OR due_at <= '{_clock.GetUtcNow():O}'"), left => left == 0);

    private Task<long> LedgerOfAsync(Wire.Sync sync) => AskAsync($"SELECT count(*) FROM sync_contacts WHERE sync_id = '{sync.Id}'");

    private Task<long> EventuallyAsync(Func<Task<long>> ask, long count) => Eventually.GetAsync(
        () =>
        {
            // as fast as time goes: by it the service's limits end what they wait for
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            return ask();
        },
        found => found == count);

    private async Task<long> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_campaigns.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
