using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>What happens to a sync while Zoho refuses, is away or locks, and while replicas come and go.</summary>
public sealed class SyncOutageTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private const string Bulk = "addlistsubscribersinbulk";

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
    public async Task While_zoho_is_down_the_sync_waits_visibly_and_then_goes_on_with_no_error()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(60), rate: 300);
        await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Counts.Added > 0);
        await zoho.BeAsync("unavailable");

        var waiting = await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Code is "zoho_unavailable");
        Assert.Equal(SyncState.Running, waiting.State);
        Assert.NotNull(waiting.ResumesAt);
        Assert.NotEmpty(waiting.Message);
        await zoho.BeAsync("up");
        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);

        Assert.Equal((60, 0), (done.Counts.Added, done.Counts.Errors));
        Assert.Equal(60, await zoho.CountAsync());
    }

    [Fact]
    public async Task Contacts_whose_answer_was_lost_count_as_added_although_zoho_says_that_it_holds_them()
    {
        await zoho.SeedAsync("active", ["there@example.com"]);
        // the client repeats a call once by itself
        await zoho.DisturbAsync("answer_lost", times: 2, path: $"*{Bulk}");

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(["there@example.com", "ada@example.com", "grace@example.com"]), SyncState.Completed);

        Assert.Equal(
            [Outcome.Existing, Outcome.Added, Outcome.Added], (await _syncing.LedgerAsync(done)).Select(contact => contact.Outcome));
        Assert.Equal(3, await zoho.CountAsync());
    }

    [Fact]
    public async Task Where_zoho_does_not_say_whom_it_did_not_take_each_is_asked_about()
    {
        // taken: nobody
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, path: $"*{Bulk}",
            body: """{"status":"success","code":"0","existing_contacts":["there@example.com"],"ignored_contacts":[7]}""");

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(["there@example.com", "ada@example.com", "grace@example.com"]), SyncState.Completed);

        Assert.Equal(
            [Outcome.Existing, Outcome.Added, Outcome.Added], (await _syncing.LedgerAsync(done)).Select(contact => contact.Outcome));
        Assert.Equal((2, 2), (await zoho.CountAsync(), await zoho.PushesAsync()));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(1001)]
    [InlineData(1005)]
    [InlineData(2007)]
    public async Task A_contact_whose_data_zoho_refuses_is_rejected_alone_and_all_others_land(int code)
    {
        await zoho.SetAsync(new { RefusedContact = "user3@example.com", RefusedContactCode = code });
        var upload = await _syncing.UploadAsync("email,first name\nuser3@example.com,Ada\ngrace@example.com,Grace\n");

        var together = await _syncing.EventuallyAsync(await _syncing.CreateAsync(Syncing.Users(12)), SyncState.Completed);
        var oneByOne = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id }, Rate = 600 }), SyncState.Completed);
        // nobody is lost over a number that may mean anything
        var registered = await _tenant.EventuallyAsync(await _tenant.SubmitAsync("user3@example.com"), RegistrationStatus.Retrying);

        Assert.Equal((11, 1), (together.Counts.Added, together.Counts.Invalid));
        Assert.Equal((1, 1), (oneByOne.Counts.Added, oneByOne.Counts.Invalid));
        Assert.Equal(
            ["contact_data_refused", "contact_data_refused", "contact_data_refused"],
            [(await _syncing.LedgerAsync(together))[2].Code, (await _syncing.LedgerAsync(oneByOne))[0].Code, registered.Code]);
        Assert.Equal(12, await zoho.CountAsync());
    }

    [Fact]
    public async Task A_sync_that_was_paused_while_its_last_call_was_on_its_way_ends_with_that()
    {
        var held = await zoho.DisturbAsync("hang", times: 1, path: $"*{Bulk}");
        var created = await _syncing.CreateAsync(Syncing.Users(5));
        await zoho.MetAsync(held, 1);
        await _syncing.PauseAsync(created);
        await zoho.ReleaseAsync(held);

        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);
        Assert.Equal((5, ""), (done.Counts.Added, done.Code));
    }

    [Fact]
    public async Task What_stands_in_the_way_of_a_call_does_not_pause_a_sync_that_has_none_left_to_make()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var created = await syncing.CreateAsync(Syncing.Users(1));
        await syncing.EventuallyAsync(created, SyncState.Paused);
        await syncing.PauseAsync(created);

        await using (var database = NpgsqlDataSource.Create(_campaigns.Database))
        await using (var command = database.CreateCommand(
            $"""
            UPDATE syncs SET state = {(int)SyncState.Running}, prepared = true, waits_until = NULL, code = NULL, message = NULL
            WHERE id = '{created.Id}';
            UPDATE sync_work SET due_at = '-infinity' WHERE id = '{created.Id}'
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        await syncing.EventuallyAsync(created, SyncState.Completed);
    }

    [Fact]
    public async Task A_contact_that_zoho_cannot_take_just_now_is_tried_again_while_the_others_go_on()
    {
        var upload = await _syncing.UploadAsync("email,first name\nada@example.com,Ada\ngrace@example.com,Grace\n");
        await zoho.DisturbAsync("status", times: 1, status: 200, body: """{"status":"error","code":"2101","message":"Try later"}""");

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, Rate = 600 }),
            SyncState.Completed);

        Assert.Equal((2, 0), (done.Counts.Added, done.Counts.Errors));
        Assert.Equal(3, await zoho.PushesAsync());
    }

    [Fact]
    public async Task A_full_plan_pauses_the_sync_with_what_to_do_and_leaves_nobody_out()
    {
        await zoho.DisturbAsync(
            "status", times: 1, status: 200, body: """{"status":"error","code":"914","message":"full"}""", path: $"*{Bulk}");

        var created = await _syncing.CreateAsync(Syncing.Users(30));
        var paused = await _syncing.EventuallyAsync(created, SyncState.Paused);
        Assert.Equal("zoho_plan_limit", paused.Code);
        Assert.Contains("resume it", paused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("by itself", paused.Message, StringComparison.Ordinal);
        await _syncing.ResumeAsync(created);

        Assert.Equal(30, (await _syncing.EventuallyAsync(created, SyncState.Completed)).Counts.Added);
    }

    [Fact]
    public async Task A_sync_tuned_too_fast_slows_itself_down_and_never_enters_a_lock()
    {
        // one fiftieth of 500 a minute are 10; Zoho would lock at the 13th
        await using var campaigns = await Campaigns.StartAsync(zoho, ceiling: 0.02);
        await zoho.LimitAsync("listsubscribe", 12, 60);
        var syncing = new Syncing(campaigns.Host, (await campaigns.TenantAsync()).Id);
        var upload = await syncing.UploadAsync(string.Join('\n', ["email,first name", .. Syncing.Users(15).Select(user => $"{user},Ada")]));

        var created = await syncing.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, Rate = 2_000 });
        var waiting = await Eventually.GetAsync(
            () => syncing.GetAsync(created.Id), now => now is { Code: "quota_reached", Counts.Added: 10 });

        Assert.Equal(SyncState.Running, waiting.State);
        Assert.NotNull(waiting.ResumesAt);
        Assert.Equal((10, 0), (await zoho.PushesAsync(), await zoho.LocksAsync()));
    }

    [Fact]
    public async Task A_lock_is_waited_out_visibly_and_nobody_calls_into_it()
    {
        await zoho.DisturbAsync("status", times: 1, status: 200,
            body: """{"status":"error","code":"2008","message":"Calls limit exceeded"}""", path: $"*{Bulk}");

        var created = await _syncing.CreateAsync(Syncing.Users(10));
        var waiting = await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Code is "quota_locked");

        Assert.Equal(SyncState.Running, waiting.State);
        var wait = waiting.ResumesAt.ToDateTimeOffset() - waiting.StartedAt.ToDateTimeOffset();
        Assert.InRange(wait, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(12));
        Assert.Equal(1, await zoho.CallsAsync(Bulk));
    }

    [Fact]
    public async Task A_sync_goes_on_with_another_replica_when_its_own_stops()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(150), rate: 300);
        await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Counts.Added > 0);

        await _campaigns.StopAllAsync();
        var after = new Syncing(await _campaigns.AddReplicaAsync(), _tenant.Id);

        var done = await after.EventuallyAsync(created, SyncState.Completed);
        Assert.Equal(150, done.Counts.Added);
        Assert.Equal(150, await zoho.CountAsync());
        Assert.Equal(15, await zoho.CallsAsync(Bulk));
    }
}
