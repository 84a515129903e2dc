using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>What a tenant keeps of syncs ends: by a person, by itself, and by a bound.</summary>
public sealed class SyncDeletionTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, _clock);
        _syncing = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task One_that_has_ended_is_deleted_with_its_ledger_by_an_admin_of_its_tenant()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv(Syncing.Users(3)));
        var request = new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, IdempotencyKey = "once" };
        var sync = await _syncing.CreateAsync(request);
        await _syncing.PauseAsync(sync);

        var early = await Refused.ByAsync(() => _syncing.DeleteAsync(sync));
        await _syncing.CancelAsync(sync);
        var operators = await Refused.ByAsync(() => _syncing.DeleteAsync(sync, Role.Operator));
        var others = await Refused.ByAsync(async () => await new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id).DeleteAsync(sync));
        await _syncing.DeleteAsync(sync);

        Assert.Equal((FailureKind.Conflict, "sync_not_ended"), (early.Kind, early.Code));
        Assert.Equal(("role_missing", "sync_not_found"), (operators.Code, others.Code));
        Assert.Equal("sync_not_found", (await Refused.ByAsync(() => _syncing.GetAsync(sync.Id))).Code);
        Assert.Equal("sync_not_found", (await Refused.ByAsync(() => _syncing.LedgerAsync(sync))).Code);
        Assert.Equal("sync_not_found", (await Refused.ByAsync(() => _syncing.DeleteAsync(sync))).Code);
        // its idempotency key makes another one
        Assert.NotEqual(sync.Id, (await _syncing.CreateAsync(request)).Id);
        await EventuallyAsync($"SELECT count(*) FROM syncs WHERE id = '{sync.Id}'", 0);
        await EventuallyAsync($"SELECT count(*) FROM sync_contacts WHERE sync_id = '{sync.Id}'", 0);
        await EventuallyAsync($"SELECT count(*) FROM sync_expiry WHERE id = '{sync.Id}'", 0);
    }

    [Fact]
    public async Task A_dry_run_goes_by_itself_a_day_after_its_end_and_nothing_else_does()
    {
        var dryRun = await _syncing.CreateAsync(Syncing.Users(3), dryRun: true);
        var tried = await Eventually.GetAsync(
            () =>
            {
                // as fast as time goes: it waits for its pace
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                return _syncing.GetAsync(dryRun.Id);
            },
            now => now.State is SyncState.Completed);
        var made = await _syncing.CreateAsync(Syncing.Users(3));
        await _syncing.CancelAsync(made);

        Assert.Equal(tried.EndedAt.ToDateTimeOffset() + TimeSpan.FromDays(1), tried.ExpiresAt.ToDateTimeOffset());
        Assert.Null((await _syncing.GetAsync(made.Id)).ExpiresAt);
        Assert.Equal(1L, await AskAsync("SELECT count(*) FROM sync_expiry"));
        _clock.Advance(TimeSpan.FromDays(1));
        await EventuallyAsync($"SELECT count(*) FROM syncs WHERE id = '{tried.Id}'", 0);
        await EventuallyAsync("SELECT count(*) FROM sync_expiry", 0);

        Assert.Equal(SyncState.Cancelled, (await _syncing.GetAsync(made.Id)).State);
    }

    [Fact]
    public async Task What_a_tenant_keeps_is_bounded_and_the_refusal_says_how_to_make_room()
    {
        var first = await _syncing.CreateAsync(Syncing.Users(3), dryRun: true);
        await _syncing.PauseAsync(first);
        await _syncing.CancelAsync(first);

        await AskAsync($"UPDATE syncs SET total = {SyncLimits.RowsOfATenant - 2} RETURNING total");
        var rows = await Refused.ByAsync(() => _syncing.CreateAsync(Syncing.Users(3)));
        // one that is being deleted has its rows still
        await AskAsync("UPDATE syncs SET deleted_at = now() RETURNING 1::bigint");
        var hidden = await Refused.ByAsync(() => _syncing.CreateAsync(Syncing.Users(3)));
        await AskAsync("UPDATE syncs SET deleted_at = NULL RETURNING 1::bigint");
        var fits = await _syncing.CreateAsync(Syncing.Users(2));
        await _syncing.PauseAsync(fits);
        await _syncing.CancelAsync(fits);
        await AskAsync($"UPDATE syncs SET total = 0 RETURNING total");
        await AskAsync(
            $"""
            INSERT INTO syncs SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
            FROM syncs s, generate_series(1, {SyncLimits.OfATenant - 2}) WHERE s.id = '{first.Id}' RETURNING 1::bigint
            """);
        var syncs = await Refused.ByAsync(() => _syncing.CreateAsync(Syncing.Users(1)));
        await _syncing.DeleteAsync(first);

        Assert.All([rows, hidden], refusal => Assert.Equal((FailureKind.Precondition, "ledgers_full"), (refusal.Kind, refusal.Code)));
        Assert.Equal((FailureKind.Conflict, "syncs_full"), (syncs.Kind, syncs.Code));
        Assert.All([rows, syncs], refusal => Assert.Contains("zoho campaigns syncs delete", refusal.Message, StringComparison.Ordinal));
        await _syncing.CreateAsync(Syncing.Users(1));
        // another tenant has its own
        await new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id).CreateAsync(Syncing.Users(1));
    }

    private Task<long> EventuallyAsync(string sql, long count) => Eventually.GetAsync(() => AskAsync(sql), found => found == count);

    private async Task<long> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_campaigns.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
