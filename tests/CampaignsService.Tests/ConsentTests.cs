using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;

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

    private async Task RefusedListAsync(Grpc.Core.Metadata ticket)
    {
        var refused = await Refused.ByAsync(async () => await _campaigns.Host.Results.CreateMailingListAsync(
            new() { Name = "Others", Emails = { "blocked@example.com", "new@example.com" } }, ticket));
        Assert.Equal(("invalid_field", "emails"), (refused.Code, refused.Field));
        Assert.DoesNotContain("blocked@", refused.Message, StringComparison.Ordinal);
    }
}
