using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class ErasureTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private static readonly string[] Filled =
        ["campaigns_settings", "registrations", "subscriptions", "sync_contacts", "sync_uploads", "sync_upload_packs", "syncs", "upload_queue"];

    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_its_audit_alone_and_others_keep_theirs()
    {
        var (gone, stays) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        foreach (var tenant in (Tenant[])[gone, stays])
        {
            await tenant.EventuallyAsync(await tenant.SubmitAsync($"ada.{tenant.Id}@example.com"), RegistrationStatus.Subscribed);
            var syncing = new Syncing(_campaigns.Host, tenant.Id);
            await syncing.EventuallyAsync(await syncing.CreateAsync(Syncing.Users(2)), SyncState.Completed);
            await syncing.UploadAsync(Syncing.Csv("grace@example.com"));
        }

        var (before, kept) = (await RowsAsync(gone), await RowsAsync(stays));
        Assert.All(Filled, table => Assert.Equal((table, true), (table, before[table] > 0)));

        Assert.NotEqual(0, await EraseAsync(gone));

        Assert.All(await RowsAsync(gone), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
        var left = await RowsAsync(stays);
        Assert.All(Filled, table => Assert.Equal((table, kept[table]), (table, left[table])));
        Assert.Contains(await gone.AuditAsync(), entry => entry.StartsWith("service:gateway tenant.erased ", StringComparison.Ordinal));
        Assert.Equal(0, await EraseAsync(gone));
        Assert.Single(await gone.AuditAsync(), entry => entry.Contains("tenant.erased", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_who_is_forgotten_leaves_no_address_but_its_hash()
    {
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var first = await tenant.SubmitAsync("Forgotten.One@example.com");
        await tenant.SubmitAsync("forgotten.one@example.com");
        var stays = await tenant.SubmitAsync("somebody.else@example.com");
        var sync = await syncing.EventuallyAsync(
            await syncing.CreateAsync(["forgotten.one@example.com", "somebody.else@example.com"]), SyncState.Completed);
        await Eventually.GetAsync(
            async () => (await tenant.ListAsync()).Registrations.All(one => one.Status is RegistrationStatus.Subscribed or RegistrationStatus.AlreadySubscribed),
            done => done);
        Assert.Contains("registrations", await TablesWithAsync("forgotten.one"));
        var admin = Ticket(tenant, Role.Admin);

        Assert.Equal("role_missing", (await RefusedAsync(new() { RegistrationId = first.Id }, Ticket(tenant, Role.Operator))).Code);
        Assert.Equal("registration_not_found", (await RefusedAsync(new() { RegistrationId = first.Id }, Ticket(other, Role.Admin))).Code);
        var forgotten = await _campaigns.Host.Contacts.ForgetContactAsync(new() { RegistrationId = first.Id }, admin);

        Assert.Equal((2, 1), (forgotten.Registrations, forgotten.SyncContacts));
        // but for the file that was uploaded, which is packed and stays until its day is over
        Assert.Empty(await TablesWithAsync("forgotten.one"));
        Assert.Equal(1, (await RowsAsync(tenant))["opt_outs"]);
        Assert.Equal(stays.Id, Assert.Single((await tenant.ListAsync()).Registrations).Id);
        Assert.Equal(["", "somebody.else@example.com"], (await syncing.LedgerAsync(sync)).Select(row => row.Email).Order(StringComparer.Ordinal));
        Assert.Single(await tenant.AuditAsync(), entry => entry.Contains("contact.forgotten", StringComparison.Ordinal));
        Assert.Equal("registration_not_found", (await RefusedAsync(new() { RegistrationId = first.Id }, admin)).Code);
        var unknown = await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "Nobody <nobody@example.com>" }, admin);
        Assert.Equal((0, 0), (unknown.Registrations, unknown.SyncContacts));
    }

    [Fact]
    public async Task Whom_a_sync_has_yet_to_push_is_not_forgotten_behind_its_back()
    {
        var tenant = await _campaigns.TenantAsync();
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        // contacts with fields go one by one, and the second a minute later
        var upload = await syncing.UploadAsync("email,first name\nfirst@example.com,Ada\nforgotten.two@example.com,Grace\n");
        var sync = await syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id }, Rate = 1 });
        await Eventually.GetAsync(async () => (await syncing.LedgerAsync(sync)).Count, rows => rows == 2);

        var refused = await RefusedAsync(new() { Email = "forgotten.two@example.com" }, Ticket(tenant, Role.Admin));

        Assert.Equal("contact_in_sync", refused.Code);
        Assert.Contains(sync.Id, refused.Message, StringComparison.Ordinal);
        // what it says is to be done helps
        await _campaigns.Host.Syncs.CancelSyncAsync(new() { Id = sync.Id }, Ticket(tenant, Role.Operator));
        var forgotten = await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "forgotten.two@example.com" }, Ticket(tenant, Role.Admin));
        Assert.Equal(1, forgotten.SyncContacts);
    }

    private Metadata Ticket(Tenant tenant, Role role) => _campaigns.Host.TicketOf(tenant.Id, role);

    private Task<Failure> RefusedAsync(ForgetContactRequest request, Metadata ticket) =>
        Refused.ByAsync(async () => await _campaigns.Host.Contacts.ForgetContactAsync(request, ticket));

    private Task<IReadOnlyList<string>> TablesWithAsync(string text) => TenantRows.WithTextAsync(_campaigns.Database, text);

    private async Task<long> EraseAsync(Tenant tenant) => (await _campaigns.Host.Data.EraseTenantAsync(
        new() { RequestedAt = DateTime.UnixEpoch.ToTimestamp() }, TestTickets.OwnOf("gateway", tenant.Id, "campaigns"))).Rows;

    private Task<IReadOnlyDictionary<string, long>> RowsAsync(Tenant tenant) => TenantRows.CountAsync(_campaigns.Database, tenant.Id);
}
