using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Sync;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests.Lists;

public sealed class ListCopiesTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;
    private Tenant _tenant = null!;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, _clock);
        _tenant = await _campaigns.TenantAsync();
        _syncing = new Syncing(_campaigns.Host, _tenant.Id);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task An_opt_out_at_Zoho_is_known_with_the_next_look_and_a_push_reads_no_list()
    {
        await zoho.SeedAsync("active", ["stays@example.com", "leaves@example.com", "bounces@example.com"]);
        await zoho.SeedAsync("unsub", Syncing.Users(600, "gone"));
        await EndsAsync("leaves@example.com", RegistrationStatus.AlreadySubscribed);
        var readings = await zoho.CallsAsync("getlistsubscribers");

        await zoho.SeedAsync("unsub", ["leaves@example.com"]);
        await zoho.SeedAsync("bounce", ["bounces@example.com"]);
        var counts = await zoho.CallsAsync("listsubscriberscount");
        await LooksAsync();
        // one for each status of those who leave, and two of them read
        Assert.Equal(counts + 3, await zoho.CallsAsync("listsubscriberscount"));
        Assert.Equal(readings + 5, await zoho.CallsAsync("getlistsubscribers"));
        readings = await zoho.CallsAsync("getlistsubscribers");

        Assert.Equal("left_at_zoho", (await EndsAsync("Leaves@example.com", RegistrationStatus.Suppressed)).Code);
        Assert.Equal("bounced", (await EndsAsync("bounces@example.com", RegistrationStatus.Suppressed)).Code);
        Assert.DoesNotContain(
            "could not be read", (await EndsAsync("stays@example.com", RegistrationStatus.AlreadySubscribed)).Message, StringComparison.Ordinal);

        // nothing changed: counts and nothing else
        await LooksAsync();
        await LooksAsync();
        Assert.Equal(counts + 9, await zoho.CallsAsync("listsubscriberscount"));
        Assert.Equal(readings, await zoho.CallsAsync("getlistsubscribers"));
        // hashes and no address
        Assert.Equal(602L, await AskAsync("SELECT count(*) FROM list_contacts"));
        Assert.Equal(0L, await AskAsync("SELECT count(*) FROM list_contacts l WHERE l::text LIKE '%example%'"));
        Assert.Equal(0L, await AskAsync("SELECT count(*) FROM copy_records r WHERE r::text LIKE '%example%'"));
    }

    [Fact]
    public async Task A_dry_run_over_a_list_that_was_read_counts_it_and_reads_no_page()
    {
        const int OnTheList = 5_000;
        await zoho.SeedAsync("active", Syncing.Users(OnTheList));
        await zoho.SeedAsync("spam", ["complained@example.com"]);
        var first = await DryRunAsync(["user1@example.com", "complained@example.com", "new@example.com"]);
        Assert.Equal((1, 1, 1), (first.Counts.Existing, first.Counts.Suppressed, first.Counts.Added));
        // ten full pages and an end, one with the end, and an end of two
        Assert.Equal(15, await zoho.CallsAsync("getlistsubscribers"));
        Assert.Equal(4, await zoho.CallsAsync("listsubscriberscount"));

        var second = await DryRunAsync(["user2@example.com", "complained@example.com", "new@example.com"]);

        Assert.Equal((1, 1, 1), (second.Counts.Existing, second.Counts.Suppressed, second.Counts.Added));
        Assert.Equal(15, await zoho.CallsAsync("getlistsubscribers"));
        Assert.Equal(8, await zoho.CallsAsync("listsubscriberscount"));

        // another number is read, and of two dry runs of one moment the second knows it as well as the first
        await zoho.SeedAsync("active", ["new@example.com"]);
        Assert.Equal(2, (await DryRunAsync(["user2@example.com", "new@example.com"])).Counts.Existing);
        Assert.Equal(27, await zoho.CallsAsync("getlistsubscribers"));
    }

    [Fact]
    public async Task Who_was_let_back_is_not_kept_off_by_what_was_read_before_and_is_once_they_leave_again()
    {
        await zoho.SeedAsync("active", ["back@example.com", "synced@example.com"]);
        await zoho.SeedAsync("unsub", ["synced@example.com"]);
        var (admin, operators) = (_campaigns.Host.TicketOf(_tenant.Id, Role.Admin), _campaigns.Host.TicketOf(_tenant.Id, Role.Operator));
        await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = "back@example.com" }, operators);
        Assert.Equal("left_at_zoho", (await EndsAsync("synced@example.com", RegistrationStatus.Suppressed)).Code);
        Assert.Equal(2L, await AskAsync("SELECT count(*) FROM list_contacts WHERE returned_at IS NULL"));

        // a page that Zoho gave before is written behind that they are back
        var held = await zoho.DisturbAsync("hang", times: 1, path: "*getlistsubscribers");
        await zoho.SeedAsync("unsub", ["other@example.com"]);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await zoho.MetAsync(held, 1);
        await _campaigns.Host.Contacts.LiftOptOutAsync(new() { Email = "back@example.com", Reason = "Asked for it by letter." }, admin);
        await zoho.ReleaseAsync(held);
        await RestAsync();
        await EndsAsync("back@example.com", RegistrationStatus.AlreadySubscribed);
        var upload = await _syncing.UploadAsync(Syncing.Csv("synced@example.com"));
        await CompletedAsync(await _syncing.CreateAsync(new CreateSyncRequest
        {
            Source = new() { UploadId = upload.Id },
            Consent = new() { Resubscribe = true, Reason = "Asked for it by letter." },
            Rate = 2_000,
        }));
        await EndsAsync("synced@example.com", RegistrationStatus.AlreadySubscribed);

        // both leave again, the second before the copy has seen that they were back
        await zoho.SeedAsync("unsub", ["back@example.com", "synced@example.com"]);
        await LooksAsync();

        Assert.Equal("left_at_zoho", (await EndsAsync("back@example.com", RegistrationStatus.Suppressed)).Code);
        Assert.Equal("left_at_zoho", (await EndsAsync("synced@example.com", RegistrationStatus.Suppressed)).Code);
    }

    [Fact]
    public async Task Without_a_connection_without_quota_and_of_a_list_that_is_no_more_nothing_is_claimed()
    {
        await zoho.SeedAsync("active", ["there@example.com"]);
        await zoho.SeedAsync("unsub", ["left@example.com"]);
        await EndsAsync("left@example.com", RegistrationStatus.Suppressed);

        // the quota of one method is another's no more than its lock
        await zoho.LimitAsync("listsubscriberscount", 1, 300);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.GetAsync(CopiesAsync, all => all.Any(copy => copy.Code == "quota_locked"));
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Contains(
            "could not be read", (await EndsAsync("there@example.com", RegistrationStatus.AlreadySubscribed)).Message, StringComparison.Ordinal);
        // who is known to have left has left
        Assert.Equal("left_at_zoho", (await EndsAsync("left@example.com", RegistrationStatus.Suppressed)).Code);
        var waits = await _syncing.CreateAsync(["there@example.com"], dryRun: true);
        Assert.Equal("quota_locked", (await Eventually.GetAsync(() => _syncing.GetAsync(waits.Id), now => now.Code.Length > 0)).Code);

        var other = await _campaigns.TenantAsync();
        await zoho.DisturbAsync(
            "status", status: 200, path: "*listsubscriberscount", body: """{"status":"error","code":"2206","message":"List has been deleted"}""");
        var deleted = await new Syncing(_campaigns.Host, other.Id).CreateAsync(["there@example.com"], dryRun: true);
        var paused = await new Syncing(_campaigns.Host, other.Id).EventuallyAsync(deleted, SyncState.Paused);
        Assert.Equal("list_deleted", paused.Code);
    }

    [Fact]
    public async Task A_list_that_nobody_asks_about_any_more_is_not_copied_any_more()
    {
        await zoho.SeedAsync("active", ["there@example.com"]);
        await zoho.SeedAsync("unsub", ["left@example.com"]);
        await DryRunAsync(["there@example.com"]);
        Assert.Equal(4, (await CopiesAsync()).Count);

        // a week behind the last sync, registrations ask who has left
        _clock.Advance(TimeSpan.FromDays(8));
        await Eventually.GetAsync(CopiesAsync, all => all.Count == 3);
        Assert.Equal(1L, await AskAsync("SELECT count(*) FROM list_contacts"));

        await _tenant.SetListKeyAsync(await zoho.NewListAsync());
        await Eventually.GetAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
                return CopiesAsync();
            },
            all => all.Count == 0);
        Assert.Equal(0L, await AskAsync("SELECT (SELECT count(*) FROM list_contacts) + (SELECT count(*) FROM copy_records) + (SELECT count(*) FROM copy_queue)"));
    }

    // the registration once it has ended
    private async Task<Registration> EndsAsync(string email, RegistrationStatus status) =>
        await _tenant.EventuallyAsync(await _tenant.SubmitAsync(email), status);

    private async Task<Contracts.Campaigns.V1.Sync> DryRunAsync(IEnumerable<string> emails) =>
        await CompletedAsync(await _syncing.CreateAsync(emails, dryRun: true));

    // as fast as time goes: it waits for its pace
    private Task<Contracts.Campaigns.V1.Sync> CompletedAsync(Contracts.Campaigns.V1.Sync sync) => Eventually.GetAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            return _syncing.GetAsync(sync.Id);
        },
        now => now.State is SyncState.Completed);

    // the next look of all who look by themselves
    private async Task LooksAsync()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        await RestAsync();
    }

    private async Task RestAsync()
    {
        var now = _clock.GetUtcNow() - TimeSpan.FromMilliseconds(1);
        await Eventually.GetAsync(
            CopiesAsync,
            all => all.Where(copy => copy.Kind != "campaigns.list.active").All(copy =>
                copy is { Run: null, Wanted: CopyRunKind.None } && copy.ChangesUntil >= now));
    }

    private Task<IReadOnlyList<CopyStatus>> CopiesAsync() =>
        _campaigns.Host.Services.GetRequiredService<Copies<CampaignsDbContext>>().ListAsync(_tenant.Id, CancellationToken.None);

    private async Task<long> AskAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_campaigns.Database);
        await using var command = admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
