using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>An acceptance is not told as more than it is, and who does not want to be written to is not.</summary>
public sealed class ConsentTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task On_a_list_with_a_sign_up_form_a_confirmation_was_sent_and_everything_says_so()
    {
        var tenant = await _campaigns.TenantAsync();
        var list = await zoho.NewListWithSignupFormAsync();
        await tenant.SetListKeyAsync(list);
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var upload = await syncing.UploadAsync("email,first name\nsynced@example.com,Ada\n");

        var sent = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.ConfirmationSent);
        var tested = await tenant.TestSettingsAsync();
        var dry = await syncing.EventuallyAsync(
            await syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id }, DryRun = true }), SyncState.Completed);
        var real = await syncing.EventuallyAsync(
            await syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id } }), SyncState.Completed);

        var again = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.ConfirmationSent);
        Assert.All([sent, again], one => Assert.Contains("once it has confirmed", one.Message, StringComparison.Ordinal));
        Assert.True(tested.Ok);
        Assert.Contains("sign-up form", tested.Message, StringComparison.Ordinal);
        Assert.True(dry.SendsConfirmations);
        Assert.Equal((1, 0, 1), (dry.Counts.ConfirmationSent, dry.Counts.Added, dry.Counts.Processed));
        Assert.Equal((1, 0, 1), (real.Counts.ConfirmationSent, real.Counts.Added, real.Counts.Processed));
        Assert.Equal(SyncContactOutcome.ConfirmationSent, Assert.Single(await syncing.LedgerAsync(real)).Outcome);

        // Zoho holds them, and in none of its states: they have not confirmed; a bulk call would say nothing of any of it
        var addresses = await syncing.EventuallyAsync(
            await syncing.CreateAsync(["ada@example.com", "synced@example.com", "new@example.com"]), SyncState.Completed);
        Assert.Equal((3, 3), (addresses.Counts.ConfirmationSent, addresses.Counts.Processed));
        Assert.Equal(0, await zoho.CallsAsync("addlistsubscribersinbulk"));

        await tenant.SetListKeyAsync(zoho.ListKey);
        Assert.DoesNotContain("sign-up form", (await tenant.TestSettingsAsync()).Message, StringComparison.Ordinal);
        Assert.False((await syncing.EventuallyAsync(
            await syncing.CreateAsync(["other@example.com"], dryRun: true), SyncState.Completed)).SendsConfirmations);
    }

    [Fact]
    public async Task What_an_account_of_another_language_says_is_taken_for_no_more_than_the_list_itself_tells()
    {
        await zoho.SetAsync(new { SubscribeSays = "Der Kontakt wurde aufgenommen." });
        var tenant = await _campaigns.TenantAsync();
        await zoho.SeedAsync("unsub", ["left@example.com"]);

        await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Subscribed);
        await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.AlreadySubscribed);
        var left = await tenant.EventuallyAsync(await tenant.SubmitAsync("left@example.com"), RegistrationStatus.Suppressed);
        Assert.Equal("left_at_zoho", left.Code);

        await tenant.SetListKeyAsync(await zoho.NewListWithSignupFormAsync());
        await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.ConfirmationSent);
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var synced = await syncing.EventuallyAsync(await syncing.CreateAsync(["new@example.com"]), SyncState.Completed);
        Assert.Equal((1, 0), (synced.Counts.ConfirmationSent, synced.Counts.Added));
    }

    [Fact]
    public async Task What_is_said_of_a_person_holds_for_a_registration_that_this_very_process_has_just_stored()
    {
        var tenant = await _campaigns.TenantAsync();
        var hang = await zoho.DisturbAsync("hang", times: 1);
        var first = await tenant.SubmitAsync("ada@example.com");
        await zoho.MetAsync(hang, 1);
        // behind the first one of its address, and still in memory
        var second = await tenant.SubmitAsync("ada@example.com");
        await _campaigns.Host.Results.UnsubscribeAsync(
            new() { Email = "ada@example.com" }, _campaigns.Host.TicketOf(tenant.Id, Role.Operator));
        await zoho.ReleaseAsync(hang);

        await tenant.EventuallyAsync(first, RegistrationStatus.Subscribed);
        Assert.Equal("kept_off", (await tenant.EventuallyAsync(second, RegistrationStatus.Suppressed)).Code);
        Assert.Equal(1, await zoho.PushesAsync());
    }

    [Fact]
    public async Task Who_was_taken_off_the_list_is_suppressed_until_an_admin_has_their_consent()
    {
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var operators = _campaigns.Host.TicketOf(tenant.Id, Role.Operator);
        await zoho.SeedAsync("active", ["left@example.com", "blocked@example.com"]);
        await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = "left@example.com" }, operators);
        await _campaigns.Host.Results.MarkDoNotMailAsync(new() { Email = "blocked@example.com" }, operators);
        var calls = await zoho.CallsAsync("listsubscribe");

        foreach (var (address, why) in new[] { ("Left@example.com", "unsubscribed"), ("blocked@example.com", "do_not_mail") })
        {
            var submitted = await tenant.SubmitAsync(address);
            Assert.Equal(
                (RegistrationStatus.Suppressed, why, 0, null),
                (submitted.Status, submitted.Code, submitted.Attempts, submitted.NextAttemptAt));
            Assert.Equal(RegistrationStatus.Suppressed, (await tenant.GetAsync(submitted.Id)).Status);
        }

        var sync = await syncing.EventuallyAsync(
            await syncing.CreateAsync(["left@example.com", "LEFT@example.com", "blocked@example.com", "new@example.com"]), SyncState.Completed);
        Assert.Equal((2, 1, 1), (sync.Counts.Suppressed, sync.Counts.Duplicate, sync.Counts.Added));
        Assert.Equal(calls, await zoho.CallsAsync("listsubscribe"));
        await RefusedListAsync(operators);
        // the ledger of another tenant knows nothing of it
        Assert.Equal(RegistrationStatus.Pending, (await other.SubmitAsync("left@example.com")).Status);

        var upload = await syncing.UploadAsync(Syncing.Csv("left@example.com", "blocked@example.com"));
        await syncing.EventuallyAsync(
            await syncing.CreateAsync(new CreateSyncRequest
            {
                Source = new() { UploadId = upload.Id },
                Consent = new() { Resubscribe = true, Reason = "Asked for it by letter." },
            }),
            SyncState.Completed);

        Assert.Equal(RegistrationStatus.Pending, (await tenant.SubmitAsync("left@example.com")).Status);
        Assert.Equal(RegistrationStatus.Pending, (await tenant.SubmitAsync("blocked@example.com")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_leaves_while_a_sync_is_pushed_is_suppressed_whatever_they_had_agreed_to(bool withConsent)
    {
        const int AtOnce = 4;
        var tenant = await _campaigns.TenantAsync();
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        await zoho.SeedAsync("active", ["leaves@example.com"]);
        var held = await zoho.DisturbAsync("hang", times: AtOnce);
        var upload = await syncing.UploadAsync(
            $"email,first name\n{string.Join('\n', Syncing.Users(AtOnce).Select(email => $"{email},Ada"))}\nleaves@example.com,Grace\n");
        var sync = await syncing.CreateAsync(new CreateSyncRequest
        {
            Source = new() { UploadId = upload.Id },
            Consent = new() { Resubscribe = withConsent, Reason = withConsent ? "Asked for it by letter." : "" },
        });
        await zoho.MetAsync(held, AtOnce);

        await _campaigns.Host.Results.UnsubscribeAsync(
            new() { Email = "leaves@example.com" }, _campaigns.Host.TicketOf(tenant.Id, Role.Operator));
        await zoho.ReleaseAsync(held);
        var done = await syncing.EventuallyAsync(sync, SyncState.Completed);

        Assert.Equal((AtOnce, 1, AtOnce + 1), (done.Counts.Added, done.Counts.Suppressed, done.Counts.Processed));
        Assert.Equal("unsubscribed", (await syncing.LedgerAsync(done))[AtOnce].Code);
        // their fields would have come with the call
        Assert.DoesNotContain(await zoho.ContactsAsync(), contact => contact.GetValueOrDefault("First Name") is "Grace");
        // what they said after they had agreed stands
        Assert.Equal(("unsubscribed", 0), await SuppressedAsync(tenant, "leaves@example.com"));
    }

    [Fact]
    public async Task Who_has_left_at_Zoho_is_suppressed_and_where_that_cannot_be_read_the_answer_says_so()
    {
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        await zoho.SeedAsync("unsub", [.. Syncing.Users(600, "gone"), "left@example.com"]);
        await zoho.SeedAsync("bounce", ["bounced@example.com"]);
        await zoho.SeedAsync("spam", ["complained@example.com"]);
        await zoho.SeedAsync("active", ["there@example.com"]);

        foreach (var (address, why) in new[]
        {
            ("Left@example.com", "left_at_zoho"), ("bounced@example.com", "bounced"), ("complained@example.com", "marked_spam"),
        })
        {
            Assert.Equal((why, 1), await SuppressedAsync(tenant, address));
        }

        var there = await tenant.EventuallyAsync(await tenant.SubmitAsync("there@example.com"), RegistrationStatus.AlreadySubscribed);
        Assert.DoesNotContain("could not be read", there.Message, StringComparison.Ordinal);
        // for all of them: two full pages, a rest and an end, and the same of two more states at most
        Assert.InRange(await zoho.CallsAsync("getlistsubscribers"), 3, 8);

        await zoho.DisturbAsync("status", status: 503, path: "*getlistsubscribers");
        var unknown = await other.EventuallyAsync(await other.SubmitAsync("left@example.com"), RegistrationStatus.AlreadySubscribed);
        Assert.Contains("could not be read", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_wants_back_is_let_back_alone_and_at_Zoho_too()
    {
        var tenant = await _campaigns.TenantAsync();
        var (admin, operators) = (_campaigns.Host.TicketOf(tenant.Id, Role.Admin), _campaigns.Host.TicketOf(tenant.Id, Role.Operator));
        var contacts = _campaigns.Host.Contacts;
        await zoho.SeedAsync("active", ["left@example.com", "blocked@example.com", "stays@example.com"]);
        foreach (var email in (string[])["left@example.com", "stays@example.com"])
        {
            await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = email }, operators);
        }

        await _campaigns.Host.Results.MarkDoNotMailAsync(new() { Email = "blocked@example.com" }, operators);
        await contacts.ForgetContactAsync(new() { Email = "forgotten@example.com" }, admin);
        var asked = new LiftOptOutRequest { Email = "Left <LEFT@example.com>", Reason = "Asked for it by letter." };

        Assert.Equal("role_missing", (await Refused.ByAsync(async () => await contacts.LiftOptOutAsync(asked, operators))).Code);
        foreach (var reason in (string[])["", " ", "left@example.com wants it", new('x', 501), "two\nlines"])
        {
            var refused = await Refused.ByAsync(
                async () => await contacts.LiftOptOutAsync(new(asked) { Reason = reason }, admin));
            Assert.Equal(("invalid_field", "reason"), (refused.Code, refused.Field));
        }

        Assert.Equal("email", (await Refused.ByAsync(async () => await contacts.LiftOptOutAsync(new(asked) { Email = "nobody" }, admin))).Field);
        // nothing is lifted that Zoho was not told of
        await zoho.BeAsync("unavailable");
        await Refused.ByAsync(async () => await contacts.LiftOptOutAsync(asked, admin));
        await zoho.BeAsync("up");
        Assert.Equal(("unsubscribed", 0), await SuppressedAsync(tenant, "left@example.com"));

        foreach (var (email, why, becomes) in new[]
        {
            ("Left <LEFT@example.com>", "unsubscribed", RegistrationStatus.AlreadySubscribed),
            ("blocked@example.com", "do_not_mail", RegistrationStatus.AlreadySubscribed),
            ("forgotten@example.com", "forgotten", RegistrationStatus.Subscribed),
        })
        {
            var lifted = await contacts.LiftOptOutAsync(new(asked) { Email = email }, admin);
            Assert.Equal([why], lifted.Lifted);
            Assert.Equal(why is "forgotten" ? [] : [zoho.ListKey], lifted.ListKeys);
            await tenant.EventuallyAsync(await tenant.SubmitAsync(email), becomes);
            Assert.Equal(
                "opt_out_not_found",
                (await Refused.ByAsync(async () => await contacts.LiftOptOutAsync(new(asked) { Email = email }, admin))).Code);
        }

        Assert.Equal(("unsubscribed", 0), await SuppressedAsync(tenant, "stays@example.com"));
        var entries = (await tenant.AuditAsync()).Where(entry => entry.Contains(" opt_out.lifted ", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, entries.Count);
        Assert.All(entries, entry => Assert.Contains("Asked for it by letter.", entry, StringComparison.Ordinal));
        Assert.DoesNotContain(await tenant.AuditAsync(), entry => entry.Contains("@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_word_of_a_person_is_taken_back_and_Zoho_is_told_of_what_it_was_told()
    {
        var tenant = await _campaigns.TenantAsync();
        var (admin, operators) = (_campaigns.Host.TicketOf(tenant.Id, Role.Admin), _campaigns.Host.TicketOf(tenant.Id, Role.Operator));
        var (contacts, results) = (_campaigns.Host.Contacts, _campaigns.Host.Results);
        await zoho.SeedAsync("active", ["both@example.com"]);
        var asked = new LiftOptOutRequest { Email = "both@example.com", Reason = "Asked for it by letter." };

        // Zoho has them on Do-Not-Mail still, whatever was forgotten here
        await results.MarkDoNotMailAsync(new() { Email = "both@example.com" }, operators);
        await contacts.ForgetContactAsync(new() { Email = "both@example.com" }, admin);
        var lifted = await contacts.LiftOptOutAsync(asked, admin);
        Assert.Equal(["forgotten", "do_not_mail"], lifted.Lifted);
        Assert.Equal([zoho.ListKey], lifted.ListKeys);
        await tenant.EventuallyAsync(await tenant.SubmitAsync("both@example.com"), RegistrationStatus.AlreadySubscribed);
    }

    private static async Task<(string Code, int Attempts)> SuppressedAsync(Tenant tenant, string email)
    {
        var suppressed = await tenant.EventuallyAsync(await tenant.SubmitAsync(email), RegistrationStatus.Suppressed);
        return (suppressed.Code, suppressed.Attempts);
    }

    private async Task RefusedListAsync(Grpc.Core.Metadata ticket)
    {
        var refused = await Refused.ByAsync(async () => await _campaigns.Host.Results.CreateMailingListAsync(
            new() { Name = "Others", Emails = { "blocked@example.com", "new@example.com" } }, ticket));
        Assert.Equal(("invalid_field", "emails"), (refused.Code, refused.Field));
        Assert.DoesNotContain("blocked@", refused.Message, StringComparison.Ordinal);
    }
}
