using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>Settings, and registrations that wait for something to be set up.</summary>
public sealed class SetupTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private const string UnknownList = "3zfade0000000000000000000000000000000000000000000000000000000bad";

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho, _clock);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task Without_a_list_key_a_registration_says_what_to_set_and_is_pushed_as_soon_as_it_is_set()
    {
        var tenant = await _campaigns.TenantAsync(listSet: false);
        var submitted = await tenant.SubmitAsync("ada@example.com");

        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        Assert.Equal(("list_key_missing", 0), (waiting.Code, waiting.Attempts));
        Assert.Contains("list key", waiting.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(submitted.Id, Assert.Single((await tenant.ListAsync(RegistrationStatus.NotConfigured)).Registrations).Id);

        await tenant.SetListKeyAsync(zoho.ListKey);
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task A_list_key_that_zoho_does_not_know_is_named_and_the_registration_goes_on_with_the_right_one()
    {
        var tenant = await _campaigns.TenantAsync();
        await tenant.SetListKeyAsync(UnknownList);
        var submitted = await tenant.SubmitAsync("ada@example.com");

        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        Assert.Equal("list_not_found", waiting.Code);
        Assert.StartsWith("List key not found:", waiting.Message, StringComparison.Ordinal);

        await tenant.SetListKeyAsync(zoho.ListKey);
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task Without_a_connection_a_registration_waits_and_goes_on_minutes_after_there_is_one()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var submitted = await tenant.SubmitAsync("ada@example.com");

        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        Assert.Equal("not_connected", waiting.Code);
        Assert.Equal(PlayedTokens.NotConnected.Message, waiting.Message);

        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed, _clock);
    }

    [Fact]
    public async Task Registrations_that_wait_for_a_connection_go_on_as_soon_as_one_is_made_or_mended()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var submitted = await tenant.SubmitAsync("ada@example.com");
        await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);

        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        // the clock stands: nothing falls due by itself. Said again, because what is said before the service listens is lost
        await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(tenant.Id);
                return await tenant.GetAsync(submitted.Id);
            },
            registration => registration.Status is RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task Syncs_that_wait_for_a_connection_go_on_as_soon_as_one_is_made_or_mended_and_those_that_a_person_paused_stay()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var (waiting, stopped) = (await syncing.CreateAsync(["ada@example.com"]), await syncing.CreateAsync(["grace@example.com"]));
        foreach (var sync in new[] { waiting, stopped })
        {
            Assert.NotNull((await syncing.EventuallyAsync(sync, SyncState.Paused)).ResumesAt);
        }

        Assert.Null((await syncing.PauseAsync(stopped)).ResumesAt);
        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        // the clock stands: nothing falls due by itself
        await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(tenant.Id);
                return await syncing.GetAsync(waiting.Id);
            },
            sync => sync.State is not SyncState.Paused);

        await Eventually.GetAsync(
            () =>
            {
                // its calls have their moments
                _clock.Advance(TimeSpan.FromSeconds(1));
                return syncing.GetAsync(waiting.Id);
            },
            sync => sync.State is SyncState.Completed);
        Assert.Equal("paused", (await syncing.GetAsync(stopped.Id)).Code);
    }

    [Fact]
    public async Task A_scope_that_the_grant_lacks_is_named_before_zoho_is_asked_and_registrations_go_on_with_a_grant_that_has_it()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        await _campaigns.Tokens.ConnectAsync(
            tenant.Id, "us", "AaaServer.profile.READ", "ZohoCampaigns.contact.READ", "ZohoCampaigns.campaign.READ");
        var submitted = await tenant.SubmitAsync("ada@example.com");

        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        Assert.Equal(("scopes_missing", 0), (waiting.Code, waiting.Attempts));
        Assert.Contains("ZohoCampaigns.contact.UPDATE", waiting.Message, StringComparison.Ordinal);
        Assert.Contains("connect again with the feature campaigns", waiting.Message, StringComparison.Ordinal);
        Assert.True((await tenant.TestSettingsAsync()).Ok);
        Assert.Equal(0, await zoho.PushesAsync());

        await _campaigns.Tokens.ConnectAsync(
            tenant.Id, "us", "AaaServer.profile.READ", "ZohoCampaigns.contact.ALL", "ZohoCampaigns.campaign.READ");
        // the clock stands: nothing falls due by itself
        await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(tenant.Id);
                return await tenant.GetAsync(submitted.Id);
            },
            registration => registration.Status is RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task What_zoho_itself_answered_is_not_asked_again_because_a_token_changed()
    {
        var tenant = await _campaigns.TenantAsync();
        await tenant.SetListKeyAsync(UnknownList);
        var submitted = await tenant.SubmitAsync("ada@example.com");
        await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        var waiting = await _campaigns.TenantAsync(connected: false);
        var other = await waiting.SubmitAsync("ada@example.com");
        await waiting.EventuallyAsync(other, RegistrationStatus.NotConfigured);
        var pushes = await zoho.PushesAsync();

        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        // what is said later is heard later
        await _campaigns.Tokens.ConnectAsync(waiting.Id);
        await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(waiting.Id);
                return await waiting.GetAsync(other.Id);
            },
            registration => registration.Status is RegistrationStatus.Subscribed);

        Assert.Equal(pushes + 1, await zoho.PushesAsync());
    }

    [Fact]
    public async Task What_zoho_answered_is_asked_again_at_once_when_another_account_is_chosen()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        await _campaigns.Tokens.ConnectAsync(tenant.Id, "eu");
        await tenant.SetListKeyAsync(await zoho.NewListAsync());
        var submitted = await tenant.SubmitAsync("ada@example.com");
        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        Assert.Equal(("list_not_found", PlayedTokens.ConnectionId("eu"), "owner-eu@example.com"), (waiting.Code, waiting.ConnectionId, waiting.AccountName));

        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        // the clock stands: nothing falls due by itself
        var pushed = await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(tenant.Id);
                return await tenant.GetAsync(submitted.Id);
            },
            registration => registration.Status is RegistrationStatus.Subscribed);

        Assert.Equal((PlayedTokens.ConnectionId("us"), "owner-us@example.com"), (pushed.ConnectionId, pushed.AccountName));
        var tested = await tenant.TestSettingsAsync();
        Assert.Equal((true, PlayedTokens.ConnectionId("us"), "owner-us@example.com"), (tested.Ok, tested.ConnectionId, tested.AccountName));
    }

    [Fact]
    public async Task A_switched_off_integration_holds_contacts_and_syncs_back_with_why_and_both_go_on_when_it_is_on()
    {
        var tenant = await _campaigns.TenantAsync();
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        _campaigns.Tokens.Refusal = new Failure(
            FailureKind.Precondition, "integration_disabled", "Zoho is switched off for this tenant: set enabled to true in the Zoho settings.");
        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        var submitted = await tenant.SubmitAsync("ada@example.com");
        var waiting = await tenant.EventuallyAsync(submitted, RegistrationStatus.NotConfigured);
        var sync = await syncing.CreateAsync(["grace@example.com"]);
        var paused = await syncing.EventuallyAsync(sync, SyncState.Paused);
        Assert.Equal(("integration_disabled", "integration_disabled"), (waiting.Code, paused.Code));
        Assert.Contains("set enabled to true", waiting.Message, StringComparison.Ordinal);
        Assert.Equal(0, await zoho.PushesAsync());

        _campaigns.Tokens.Refusal = null;
        // the clock stands: nothing falls due by itself
        await Eventually.GetAsync(
            async () =>
            {
                await PlayedTokens.TellOfChangeAsync(tenant.Id);
                return (await tenant.GetAsync(submitted.Id), await syncing.GetAsync(sync.Id));
            },
            both => both is ({ Status: RegistrationStatus.Subscribed }, { State: not SyncState.Paused } sync) && sync.ConnectionId == PlayedTokens.ConnectionId("us"));
    }

    [Fact]
    public async Task A_connection_that_only_a_person_can_mend_is_told_in_the_token_services_words()
    {
        var tenant = await _campaigns.TenantAsync();
        _campaigns.Tokens.Refusal = new Failure(FailureKind.Precondition, "grant_revoked", "The owner revoked this connection; connect it again.");

        var waiting = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.NotConfigured);

        Assert.Equal(("grant_revoked", "The owner revoked this connection; connect it again."), (waiting.Code, waiting.Message));
    }

    [Theory]
    [InlineData("info@example.com", "role_address", RegistrationStatus.Rejected)]
    [InlineData("left@example.com", "do_not_mail", RegistrationStatus.Suppressed)]
    public async Task A_contact_that_zoho_never_takes_is_told_so_and_left_alone(string email, string code, RegistrationStatus status)
    {
        await zoho.SeedAsync("left@example.com", doNotMail: true);
        var tenant = await _campaigns.TenantAsync();

        var rejected = await tenant.EventuallyAsync(await tenant.SubmitAsync(email), status);

        Assert.Equal((code, 1), (rejected.Code, rejected.Attempts));
        Assert.Null(rejected.NextAttemptAt);
        _clock.Advance(TimeSpan.FromMinutes(10));
        await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Subscribed);
        Assert.Equal(2, await zoho.PushesAsync());
    }

    [Fact]
    public async Task A_rejected_contact_is_pushed_again_once_somebody_asks_one_or_all()
    {
        var tenant = await _campaigns.TenantAsync();
        var waiting = await (await _campaigns.TenantAsync(listSet: false)).SubmitAsync("ada@example.com");
        var rejected = await tenant.EventuallyAsync(await tenant.SubmitAsync("info@example.com"), RegistrationStatus.Rejected);
        var operators = _campaigns.Host.TicketOf(tenant.Id, Role.Operator);

        var push = await zoho.DisturbAsync("hang", times: 1);
        var again = await _campaigns.Host.Registrations.RetryRegistrationAsync(new() { Id = rejected.Id }, operators);
        Assert.Equal((RegistrationStatus.Pending, ""), (again.Status, again.Code));
        await zoho.MetAsync(push, 1);
        await zoho.ReleaseAsync(push);
        Assert.Equal(2, (await tenant.EventuallyAsync(rejected, RegistrationStatus.Rejected)).Attempts);

        var others = await _campaigns.Host.Registrations.RetryRegistrationsAsync(new() { Code = "invalid_email" }, operators);
        var all = await _campaigns.Host.Registrations.RetryRegistrationsAsync(new() { Code = "role_address" }, operators);
        Assert.Equal((0, 1, false), (others.Retried, all.Retried, all.HasMore));
        Assert.Equal(3, (await tenant.EventuallyAsync(rejected, RegistrationStatus.Rejected)).Attempts);

        var listed = await tenant.EventuallyAsync(await tenant.SubmitAsync("grace@example.com"), RegistrationStatus.Subscribed);
        Assert.Equal("registration_not_rejected", await CodeAsync(listed.Id));
        Assert.Equal("registration_not_found", await CodeAsync(waiting.Id));
        Assert.Equal(
            ["key:Operator contacts.retried {\"contacts\":1}", "key:Operator contacts.retried {\"contacts\":1}"],
            (await tenant.AuditAsync()).Where(entry => entry.Contains("retried", StringComparison.Ordinal)));

        async Task<string> CodeAsync(string id) => (await Refused.ByAsync(
            async () => await _campaigns.Host.Registrations.RetryRegistrationAsync(new() { Id = id }, operators))).Code;
    }

    [Fact]
    public async Task Settings_are_kept_and_cleared()
    {
        var tenant = await _campaigns.TenantAsync(listSet: false);

        Assert.Equal("", (await tenant.SettingsAsync()).CampaignsListKey);
        Assert.Equal(zoho.ListKey, (await tenant.SetListKeyAsync($" {zoho.ListKey} ")).CampaignsListKey);
        Assert.Equal(zoho.ListKey, (await tenant.SettingsAsync()).CampaignsListKey);
        Assert.Equal("", (await tenant.SetListKeyAsync("")).CampaignsListKey);
    }

    [Fact]
    public async Task A_change_of_settings_is_logged_with_before_and_after_and_no_change_is_not()
    {
        var tenant = await _campaigns.TenantAsync(listSet: false);

        await tenant.SetListKeyAsync(zoho.ListKey);
        await tenant.SetListKeyAsync(zoho.ListKey);

        Assert.Equal(
            $$$"""key:Admin settings.changed {"campaigns_list_key":{"before":null,"after":"{{{zoho.ListKey}}}"}}""",
            Assert.Single(await tenant.AuditAsync()));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("https://campaigns.zoho.com/list")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_cannot_be_a_list_key_is_refused(string listKey)
    {
        var tenant = await _campaigns.TenantAsync(listSet: false);

        var failure = await Refused.ByAsync(() => tenant.SetListKeyAsync(listKey));

        Assert.Equal((FailureKind.Invalid, "campaigns_list_key"), (failure.Kind, failure.Field));
    }

    [Fact]
    public async Task A_test_of_the_settings_finds_the_list()
    {
        var answer = await (await _campaigns.TenantAsync()).TestSettingsAsync();

        Assert.Equal((true, "", "Registered users"), (answer.Ok, answer.Code, answer.ListName));
    }

    [Fact]
    public async Task A_test_of_the_settings_says_what_is_missing()
    {
        var nothingSet = await (await _campaigns.TenantAsync(listSet: false)).TestSettingsAsync();
        var notConnected = await (await _campaigns.TenantAsync(connected: false)).TestSettingsAsync();
        var wrong = await _campaigns.TenantAsync();
        await wrong.SetListKeyAsync(UnknownList);
        var notFound = await wrong.TestSettingsAsync();

        Assert.Equal(
            ["list_key_missing", "not_connected", "list_not_found"],
            new[] { nothingSet, notConnected, notFound }.Select(answer => answer.Code),
            StringComparer.Ordinal);
        Assert.All([nothingSet, notConnected, notFound], answer => Assert.False(answer.Ok));
        Assert.StartsWith("List key not found:", notFound.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_an_admin_changes_the_settings_and_only_an_operator_tests_them()
    {
        var tenant = await _campaigns.TenantAsync();

        Assert.Equal(FailureKind.Forbidden, (await Refused.ByAsync(() => tenant.SetListKeyAsync(zoho.ListKey, Role.Operator))).Kind);
        Assert.Equal(FailureKind.Forbidden, (await Refused.ByAsync(() => tenant.TestSettingsAsync(Role.Viewer))).Kind);
    }
}
