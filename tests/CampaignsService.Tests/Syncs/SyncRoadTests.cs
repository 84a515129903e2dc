using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>From a source to a list and a ledger.</summary>
public sealed class SyncRoadTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho);
        _syncing = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task Addresses_are_added_ten_a_call_and_the_ledger_says_so()
    {
        var created = await _syncing.CreateAsync(Syncing.Users(95));

        var done = await _syncing.EventuallyAsync(created, SyncState.Completed);

        Assert.Equal((95, 95, 95), (done.Counts.Total, done.Counts.Processed, done.Counts.Added));
        Assert.Equal(Syncing.Users(95).Order(), (await zoho.ContactsAsync()).Select(contact => contact["Contact Email"]).Order());
        Assert.Equal(10, await zoho.CallsAsync("addlistsubscribersinbulk"));
        var ledger = await _syncing.LedgerAsync(done);
        Assert.Equal(Enumerable.Range(1, 95).Select(i => (long)i), ledger.Select(contact => contact.Position));
        Assert.All(ledger, contact => Assert.Equal(SyncContactOutcome.Added, contact.Outcome));
    }
}
