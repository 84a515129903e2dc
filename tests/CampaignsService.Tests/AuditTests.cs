using System.Net.Http.Json;
using Google.Protobuf;
using Grpc.Core;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What is done to lists and contacts, and who was shown some, stands in the audit: without a word about whom.</summary>
public sealed class AuditTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly HttpClient _simulator = new();
    private Campaigns _campaigns = null!;
    private Tenant _tenant = null!;
    private Syncing _syncing = null!;

    private Metadata Operator => TestTickets.For(new Caller(_tenant.Id, Role.Operator, "key:shop") { From = "192.0.2.7" }, "campaigns");

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, pushes: false);
        _simulator.BaseAddress = zoho.Url;
        _tenant = await _campaigns.TenantAsync();
        _syncing = new Syncing(_campaigns.Host, _tenant.Id);
    }

    public async Task DisposeAsync()
    {
        _simulator.Dispose();
        await _campaigns.DisposeAsync();
    }

    [Fact]
    public async Task Whom_mail_is_kept_from_is_told_by_a_keyed_hash()
    {
        await zoho.SeedAsync("active", ["ada@example.com"]);
        await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = "ADA@example.com" }, Operator);
        await _campaigns.Host.Results.MarkDoNotMailAsync(new() { Email = "ada@example.com" }, Operator);

        var off = Assert.Single(await EntriesAsync("contact.unsubscribed"));
        var blocked = Assert.Single(await EntriesAsync("contact.blocked"));
        Assert.Equal(("key:shop", "192.0.2.7"), (off.Actor, off.FromAddress));
        Assert.Equal($$"""{"list_key":"{{zoho.ListKey}}"}""", off.Details);
        Assert.Matches("^contact:[0-9a-f]{32}$", off.Subject);
        Assert.Equal(off.Subject, blocked.Subject);
        await NobodyIsNamedAsync();
    }

    [Fact]
    public async Task Who_is_kept_off_is_told_whether_zoho_knows_them_or_not_and_a_list_that_zoho_refuses_is_not()
    {
        await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = "nobody@example.com" }, Operator);
        await zoho.BeAsync("unavailable");
        await Refused.ByAsync(async () => await _campaigns.Host.Results.CreateMailingListAsync(
            new() { Name = "Autumn", Emails = { "ada@example.com" } }, Operator));
        await zoho.BeAsync("up");

        Assert.Single(await EntriesAsync("contact.unsubscribed"));
        Assert.Empty(await EntriesAsync("list.created"));
    }

    [Fact]
    public async Task A_list_that_is_made_is_told_with_how_many_it_begins_with()
    {
        var list = await _campaigns.Host.Results.CreateMailingListAsync(
            new() { Name = "Autumn", Emails = { "ada@example.com", "bob@example.com" } }, Operator);

        var entry = Assert.Single(await EntriesAsync("list.created"));
        Assert.Equal(($"list:{list.Key}", "key:shop", "192.0.2.7"), (entry.Subject, entry.Actor, entry.FromAddress));
        Assert.Equal("""{"contacts":2,"public_signup":false}""", entry.Details);
        await NobodyIsNamedAsync();
    }

    [Fact]
    public async Task A_syncs_life_is_told_with_what_it_was_before_and_after()
    {
        var upload = await _syncing.UploadAsync(Syncing.Csv("ada@example.com"));
        var sync = await _syncing.CreateAsync(new CreateSyncRequest
        {
            Source = new SyncSource { UploadId = upload.Id },
            Consent = new() { Resubscribe = true, Reason = "Ada asked for it" },
        });
        await _syncing.PauseAsync(sync);
        await _syncing.ResumeAsync(sync);
        await _syncing.CancelAsync(sync);
        await _syncing.DeleteAsync(sync);

        Assert.Equal(
            $$"""{"rows":1,"columns":1}""", Assert.Single(await EntriesAsync("source.uploaded", $"upload:{upload.Id}")).Details);
        var life = await EntriesAsync("", $"sync:{sync.Id}");
        Assert.Equal(
            ["sync.created", "consent.overridden", "sync.paused", "sync.resumed", "sync.cancelled", "sync.deleted"],
            life.Select(entry => entry.Action));
        Assert.Contains($"\"source\":\"upload:{upload.Id}\"", life[0].Details, StringComparison.Ordinal);
        Assert.Equal($$"""{"list_key":"{{zoho.ListKey}}"}""", life[1].Details);
        Assert.All(life.Skip(2), entry => Assert.Matches("^{\"before\":\"[A-Za-z]+\",\"after\":\"[A-Za-z]+\"}$", entry.Details));
        Assert.Contains("\"before\":\"Cancelled\",\"after\":\"Deleted\"", life[^1].Details, StringComparison.Ordinal);
        await NobodyIsNamedAsync();
    }

    [Fact]
    public async Task Who_takes_all_contacts_of_a_sync_is_told_each_time_and_who_pages_through_them_once_an_hour()
    {
        var sync = await _syncing.CreateAsync(Syncing.Users(3));
        await _syncing.LedgerAsync(sync);
        await _syncing.LedgerAsync(sync);
        foreach (var replica in (CampaignsHost[])[_campaigns.Host, await _campaigns.AddReplicaAsync(pushes: false)])
        {
            for (var page = 0; page < 3; page++)
            {
                await replica.Syncs.ListSyncContactsAsync(new() { Id = sync.Id, PageSize = 1 }, Operator);
            }
        }

        Assert.Equal(2, (await EntriesAsync("contacts.exported", $"sync:{sync.Id}")).Count);
        var read = Assert.Single(await EntriesAsync("contacts.read", $"sync:{sync.Id}"));
        // of several calls: the trace of none
        Assert.Equal(("key:shop", "192.0.2.7", ""), (read.Actor, read.FromAddress, read.TraceId));
        await _campaigns.Host.Syncs.ListSyncContactsAsync(
            new() { Id = sync.Id }, TestTickets.For(new Caller(_tenant.Id, Role.Viewer, "key:other"), "campaigns"));
        Assert.Equal(2, (await EntriesAsync("contacts.read", $"sync:{sync.Id}")).Count);
    }

    [Fact]
    public async Task Every_list_of_people_is_told_to_have_been_read()
    {
        await zoho.SeedAsync("active", ["ada@example.com"]);
        using var made = await _simulator.PostAsJsonAsync($"_simulator/lists/us/{zoho.ListKey}/campaigns", new { name = "News", key = "3zfakenews" });
        made.EnsureSuccessStatusCode();
        await _campaigns.Host.Registrations.ListRegistrationsAsync(new(), Operator);
        await _campaigns.Host.Results.ListSubscribersAsync(new(), Operator);
        await _campaigns.Host.Results.ListCampaignRecipientsAsync(new() { CampaignKey = "3zfakenews", Action = RecipientAction.Sent }, Operator);

        var registration = await _campaigns.Host.Registrations.SubmitRegistrationAsync(
            new() { Fields = new() { Email = "ada@example.com" } }, Operator);
        await _campaigns.Host.Registrations.GetRegistrationAsync(
            new() { Id = registration.Id }, TestTickets.For(new Caller(_tenant.Id, Role.Viewer, "key:one"), "campaigns"));
        Assert.Contains(await EntriesAsync("contacts.read", "registrations"), entry => entry.Actor == "key:one");

        Assert.Equal(
            ["campaign:3zfakenews", $"list:{zoho.ListKey}", "registrations"],
            (await EntriesAsync("contacts.read")).Select(entry => entry.Subject).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    // oldest first
    private async Task<IReadOnlyList<AuditLogEntry>> EntriesAsync(string action, string subject = "") =>
        [.. (await _campaigns.Host.Audit.ListEntriesAsync(
            new() { PageSize = 200, AfterSequence = 0, Filter = new() { Action = action, Subject = subject } },
            _campaigns.Host.TicketOf(_tenant.Id, Role.Admin))).Entries];

    private async Task NobodyIsNamedAsync() => Assert.All(
        await EntriesAsync(""), entry => Assert.DoesNotMatch("@|example|asked for", JsonFormatter.Default.Format(entry)));
}
