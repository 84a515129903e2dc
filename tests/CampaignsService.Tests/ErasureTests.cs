using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class ErasureTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private static readonly string[] Filled =
        ["campaigns_settings", "registrations", "subscriptions", "sync_contacts", "sync_uploads", "sync_upload_rows", "syncs", "upload_queue"];

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
        Assert.Contains(await gone.AuditAsync(), entry => entry.StartsWith("service:gateway tenant.erased {\"rows\": ", StringComparison.Ordinal));
        Assert.Equal(0, await EraseAsync(gone));
        Assert.Single(await gone.AuditAsync(), entry => entry.Contains("tenant.erased", StringComparison.Ordinal));
    }

    private async Task<long> EraseAsync(Tenant tenant) => (await _campaigns.Host.Data.EraseTenantAsync(
        new() { RequestedAt = DateTime.UnixEpoch.ToTimestamp() }, TestTickets.OwnOf("gateway", tenant.Id, "campaigns"))).Rows;

    private Task<IReadOnlyDictionary<string, long>> RowsAsync(Tenant tenant) => TenantRows.CountAsync(_campaigns.Database, tenant.Id);
}
