using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>From a source to a list and a ledger.</summary>
public sealed class SyncRoadTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
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
    public async Task Addresses_are_added_ten_a_call_and_the_ledger_says_so()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(95));

        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);

        Assert.Equal((95, 95, 95), (done.Counts.Total, done.Counts.Processed, done.Counts.Added));
        Assert.Equal(Syncing.Users(95).Order(StringComparer.Ordinal),
            (await zoho.ContactsAsync()).Select(contact => contact["Contact Email"]).Order(StringComparer.Ordinal));
        Assert.Equal(10, await zoho.CallsAsync(Bulk));
        // one for the fields and one for the lists; the copy of the list asks on its own behalf
        Assert.Equal(12, done.Calls);
        var ledger = await _syncing.LedgerAsync(done);
        Assert.Equal(Enumerable.Range(1, 95).Select(i => (long)i), ledger.Select(contact => contact.Position));
        Assert.All(ledger, contact => Assert.Equal(Outcome.Added, contact.Outcome));
    }

    [Fact]
    public async Task Who_is_there_already_has_left_is_wrong_or_comes_twice_costs_no_call()
    {
        await zoho.SeedAsync("active", ["There@Example.com"]);
        await zoho.SeedAsync("unsub", ["left@example.com"]);
        await zoho.SeedAsync("bounce", ["bounced@example.com"]);
        await zoho.SeedAsync("spam", ["spam@example.com"]);

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(
            [
                "there@example.com", "LEFT@example.com", "bounced@example.com", "spam@example.com", "not an address", "new@example.com",
                "New@Example.com", "new+tag@example.com",
            ]),
            SyncState.Completed);

        Assert.Equal(
            [Outcome.Existing, Outcome.Suppressed, Outcome.Suppressed, Outcome.Suppressed, Outcome.Invalid, Outcome.Added,
                Outcome.Duplicate, Outcome.Added],
            (await _syncing.LedgerAsync(done)).Select(contact => contact.Outcome));
        Assert.Equal(
            ["", "left_at_zoho", "bounced", "marked_spam", "invalid_email", "", "duplicate", ""],
            (await _syncing.LedgerAsync(done)).Select(contact => contact.Code));
        Assert.Equal((1, 3, 1, 2, 1, 8), (
            done.Counts.Existing, done.Counts.Suppressed, done.Counts.Invalid, done.Counts.Added, done.Counts.Duplicate,
            done.Counts.Processed));
        Assert.Equal(1, await zoho.CallsAsync(Bulk));
    }

    [Fact]
    public async Task A_dry_run_says_for_everyone_what_would_happen_and_writes_nothing_at_zoho()
    {
        await zoho.SeedAsync("active", ["there@example.com"]);
        await zoho.SeedAsync("unsub", ["left@example.com"]);
        var upload = await _syncing.UploadAsync("email,first name\nthere@example.com,Ada\nleft@example.com,Eve\nnew@example.com,Grace\n");

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(
                new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, DryRun = true, Rate = 2_000 }),
            SyncState.Completed);

        Assert.Equal(
            [Outcome.Updated, Outcome.Suppressed, Outcome.Added], (await _syncing.LedgerAsync(done)).Select(contact => contact.Outcome));
        Assert.Equal((1, 1, 1, 3), (done.Counts.Updated, done.Counts.Suppressed, done.Counts.Added, done.Counts.Processed));
        Assert.Equal(0, await zoho.CallsAsync(Bulk) + await zoho.PushesAsync());
        Assert.Equal(2, await zoho.CountAsync());
    }

    [Fact]
    public async Task Fields_go_under_the_names_that_zoho_shows_and_existing_contacts_are_updated()
    {
        await zoho.SeedAsync("active", ["there@example.com"]);
        var upload = await _syncing.UploadAsync(
            "E-Mail;First_Name;Land;Shoe size\nthere@example.com;Ada;FR;38\nnew@example.com;Grace;US;40\n");

        var created = await _syncing.CreateAsync(new CreateSyncRequest
        {
            Source = new SyncSource { UploadId = upload.Id },
            Mapping =
            {
                new FieldMapping { Column = "E-Mail", Field = "Contact Email" },
                new FieldMapping { Column = "First_Name", Field = "First Name" },
                new FieldMapping { Column = "Land", Field = "Country" },
            },
        });
        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);

        Assert.Equal(["Shoe size"], done.UnmappedColumns);
        Assert.Equal((1, 1), (done.Counts.Updated, done.Counts.Added));
        var contacts = await zoho.ContactsAsync();
        Assert.Equal(("Ada", "FR"), (contacts[0]["First Name"], contacts[0]["Country"]));
        Assert.Equal(("Grace", "US"), (contacts[1]["First Name"], contacts[1]["Country"]));
        Assert.Equal(0, await zoho.CallsAsync(Bulk));
    }

    [Fact]
    public async Task A_field_that_zoho_does_not_have_fails_the_job_by_name_before_anything_is_pushed()
    {
        var upload = await _syncing.UploadAsync("email,size\nada@example.com,38\n");

        var failed = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(new CreateSyncRequest
            {
                Source = new SyncSource { UploadId = upload.Id },
                Mapping =
                {
                    new FieldMapping { Column = "email", Field = "Contact Email" },
                    new FieldMapping { Column = "size", Field = "Shoe Size" },
                },
            }),
            SyncState.Failed);

        Assert.Equal("field_unknown", failed.Code);
        Assert.Contains("Shoe Size", failed.Message, StringComparison.Ordinal);
        Assert.Contains("First Name", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, await zoho.PushesAsync());
    }

    [Fact]
    public async Task Who_has_left_is_brought_back_only_with_a_reason_and_by_an_admin()
    {
        await zoho.SeedAsync("unsub", ["left@example.com"]);
        await zoho.SeedAsync("silent@example.com", doNotMail: true);
        var upload = await _syncing.UploadAsync(Syncing.Csv("left@example.com", "silent@example.com", "new@example.com"));
        var request = new CreateSyncRequest
        {
            Source = new SyncSource { UploadId = upload.Id },
            Consent = new ConsentOverride { Resubscribe = true },
        };

        Assert.Equal("invalid_field", (await Refused.ByAsync(() => _syncing.CreateAsync(request))).Code);
        request.Consent.Reason = "They asked for it in writing, ticket 4711";
        Assert.Equal("role_missing", (await Refused.ByAsync(() => _syncing.CreateAsync(request, Role.Operator))).Code);
        var done = await _syncing.EventuallyAsync(await _syncing.CreateAsync(request), SyncState.Completed);

        Assert.Equal((3, 0), (done.Counts.Added + done.Counts.Updated, done.Counts.Suppressed));
        Assert.Equal(2, await zoho.PushesAsync());
        var again = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(["left@example.com", "silent@example.com"], dryRun: true), SyncState.Completed);
        Assert.Equal(2, again.Counts.Existing);
    }

    [Fact]
    public async Task Who_a_bulk_call_ignores_is_asked_for_alone_and_says_why()
    {
        // known to Zoho, and on no list
        await zoho.SeedElsewhereAsync("blocked@example.com", doNotMail: true);

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(["info@example.com", "blocked@example.com", "ada@example.com"]), SyncState.Completed);

        Assert.Equal(
            [("role_address", Outcome.Error), ("do_not_mail", Outcome.Suppressed), ("", Outcome.Added)],
            (await _syncing.LedgerAsync(done)).Select(c => (c.Code, c.Outcome)));
        Assert.Equal((1, 2), (await zoho.CallsAsync(Bulk), await zoho.PushesAsync()));
        Assert.Equal((1, 1, 1, 3), (done.Counts.Errors, done.Counts.Suppressed, done.Counts.Added, done.Counts.Processed));
    }

    [Fact]
    public async Task A_limit_takes_only_the_first_rows()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv(Syncing.Users(30)));

        var done = await _syncing.EventuallyAsync(
            await _syncing.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, Limit = 5 }),
            SyncState.Completed);

        Assert.Equal((5, 5), (done.Counts.Total, done.Counts.Added));
        Assert.Equal(5, await zoho.CountAsync());
    }

    [Fact]
    public async Task The_same_idempotency_key_answers_with_the_first_sync_and_refuses_another_one()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv("ada@example.com"));
        var request = new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, IdempotencyKey = "once" };

        var first = await _syncing.CreateAsync(request);
        Assert.Equal(first.Id, (await _syncing.CreateAsync(request)).Id);
        request.Limit = 1;

        Assert.Equal("idempotency_key_reused", (await Refused.ByAsync(() => _syncing.CreateAsync(request))).Code);
        await _syncing.EventuallyAsync(first, SyncState.Completed);
    }

    [Fact]
    public async Task A_paused_sync_stands_still_and_goes_on_when_it_is_resumed_and_a_cancelled_one_does_not()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(200), rate: 300);
        await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Counts.Added > 0);

        var paused = await _syncing.PauseAsync(created);
        Assert.Equal((SyncState.Paused, "paused"), (paused.State, paused.Code));
        // what was on its way comes to its end, and then nobody has it and nobody is to come
        await Eventually.GetAsync(() => WorkAsync("claimed_by IS NULL AND due_at = 'infinity'"), waiting => waiting == 1);
        var still = await _syncing.GetAsync(created.Id);
        Assert.Equal(still.Counts.Added, await zoho.CountAsync());
        Assert.InRange(still.Counts.Added, 1, 199);

        await _syncing.ResumeAsync(created);
        await Eventually.GetAsync(() => _syncing.GetAsync(created.Id), now => now.Counts.Added > still.Counts.Added);

        var cancelled = await _syncing.CancelAsync(created);
        Assert.Equal(SyncState.Cancelled, cancelled.State);
        Assert.Equal("sync_ended", (await Refused.ByAsync(() => _syncing.ResumeAsync(created))).Code);
        // what was on its way is in the ledger, too, and nothing is left to do
        await Eventually.GetAsync(() => WorkAsync("true"), left => left == 0);
        var ended = await _syncing.GetAsync(created.Id);
        Assert.Equal((SyncState.Cancelled, ended.Counts.Added), (ended.State, await zoho.CountAsync()));
        Assert.InRange(ended.Counts.Added, still.Counts.Added + 1, 199);
    }

    [Fact]
    public async Task Watching_tells_of_every_outcome_until_the_end()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(60), rate: 600);
        var seen = new List<SyncEvent>();

        using var call = _campaigns.Host.Syncs.WatchSync(
            new WatchSyncRequest { Id = created.Id }, _campaigns.Host.TicketOf(_tenant.Id, Role.Viewer));
        while (await call.ResponseStream.MoveNext(default))
        {
            seen.Add(call.ResponseStream.Current);
        }

        Assert.Equal(SyncState.Completed, seen[^1].Sync.State);
        Assert.Equal(seen.Select(e => e.Number).Order(), seen.Select(e => e.Number));
        Assert.Equal(60, seen.SelectMany(e => e.Outcomes).Select(contact => contact.Position).Distinct().Count());
        // who watches is shown people
        var read = await _campaigns.Host.Audit.ListEntriesAsync(
            new() { Filter = new() { Action = "contacts.read", Subject = $"sync:{created.Id}" } },
            _campaigns.Host.TicketOf(_tenant.Id, Role.Admin));
        Assert.NotEmpty(read.Entries);
    }

    [Fact]
    public async Task Without_a_connection_the_sync_waits_looks_again_by_itself_and_goes_on_at_once_when_it_is_resumed()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var syncing = new Syncing(_campaigns.Host, tenant.Id);

        var created = await syncing.CreateAsync(["ada@example.com"]);
        var waiting = await syncing.EventuallyAsync(created, SyncState.Paused);
        Assert.Equal("not_connected", waiting.Code);
        await Eventually.GetAsync(() => syncing.GetAsync(created.Id), now => now.ResumesAt > waiting.ResumesAt);
        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        Assert.Null((await syncing.ResumeAsync(created)).ResumesAt);

        await syncing.EventuallyAsync(created, SyncState.Completed);
    }

    [Fact]
    public async Task A_grant_that_lacks_a_scope_is_told_once_and_the_sync_goes_on_with_one_that_has_it()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        await _campaigns.Tokens.ConnectAsync(tenant.Id, "us", "AaaServer.profile.READ");
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var created = await syncing.CreateAsync(["ada@example.com"]);
        var waiting = await syncing.EventuallyAsync(created, SyncState.Paused);
        Assert.Equal("scopes_missing", waiting.Code);
        await Eventually.GetAsync(
            () => syncing.GetAsync(created.Id), now => now.State is SyncState.Paused && now.ResumesAt > waiting.ResumesAt);

        await _campaigns.Tokens.ConnectAsync(
            tenant.Id, "us", "AaaServer.profile.READ", "ZohoCampaigns.contact.ALL", "ZohoCampaigns.campaign.READ");
        await PlayedTokens.TellOfChangeAsync(tenant.Id);

        Assert.Empty((await syncing.EventuallyAsync(created, SyncState.Completed)).Code);
        var told = await Eventually.GetAsync(() => Task.FromResult(_campaigns.Webhooks.Events), events => events.Count == 2);
        Assert.Equal(["campaigns.sync.paused", "campaigns.sync.finished"], told.Select(one => one.Type));
    }

    [Fact]
    public async Task A_sync_to_the_settings_list_that_zoho_does_not_know_begins_anew_with_the_right_one()
    {
        await _tenant.SetListKeyAsync("3zfade0000000000000000000000000000000000000000000000000000000bad");
        var refused = await Refused.ByAsync(() => _syncing.CreateAsync(["ada@example.com"]));
        Assert.Equal((FailureKind.Precondition, "list_not_found"), (refused.Kind, refused.Code));
        var upload = await _syncing.UploadAsync(Syncing.Csv("ada@example.com"));
        var unknown = await Refused.ByAsync(
            () => _syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id }, ListKey = "3znone" }));
        Assert.Equal((FailureKind.NotFound, "list_not_found", "list_key"), (unknown.Kind, unknown.Code, unknown.Field));

        // where Zoho cannot be asked it is found when it is begun
        await zoho.DisturbAsync("html502", times: 2, path: "*getmailinglists");
        var created = await _syncing.CreateAsync(["ada@example.com"]);
        var stopped = await _syncing.EventuallyAsync(created, SyncState.Paused);
        Assert.Equal(("list_not_found", null), (stopped.Code, stopped.ResumesAt));
        await zoho.DisturbAsync("html502", times: 2, path: "*getmailinglists");
        var byRequest = await _syncing.PauseAsync(await _syncing.CreateAsync(["grace@example.com"], rate: 1));

        await _tenant.SetListKeyAsync(zoho.ListKey);

        Assert.Equal(zoho.ListKey, (await _syncing.EventuallyAsync(created, SyncState.Completed)).ListKey);
        Assert.Equal(["ada@example.com"], (await zoho.ContactsAsync()).Select(contact => contact["Contact Email"]));
        Assert.Equal(SyncState.Paused, (await _syncing.GetAsync(byRequest.Id)).State);
    }

    private async Task<long> WorkAsync(string condition)
    {
        await using var count = _campaigns.Host.Db.DataSource.CreateCommand($"SELECT count(*) FROM sync_work WHERE {condition}");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task Without_a_list_there_is_nothing_to_sync_to()
    {
        var syncing = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync(listSet: false)).Id);

        Assert.Equal(SettingsFailures.ListKeyMissing.Code, (await Refused.ByAsync(() => syncing.CreateAsync(["ada@example.com"]))).Code);
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_a_sync_or_an_upload()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv("ada@example.com"));
        var created = await _syncing.CreateAsync(["ada@example.com"]);
        var stranger = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);

        Assert.Equal("sync_not_found", (await Refused.ByAsync(() => stranger.GetAsync(created.Id))).Code);
        Assert.Equal(
            "upload_not_found",
            (await Refused.ByAsync(
                () => stranger.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id } }))).Code);
        await _syncing.EventuallyAsync(created, SyncState.Completed);
    }
}
