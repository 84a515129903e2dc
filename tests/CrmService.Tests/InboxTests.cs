namespace ZohoPlatform.CrmService.Tests;

/// <summary>What changes in Zoho CRM reaches whoever subscribes.</summary>
public sealed class InboxTests(Crm crm) : IClassFixture<Crm>, IAsyncLifetime
{
    private const string Leads = "Leads";

    private static readonly string[] Fields = ["Last_Name", "Phone", "City", "Company", "Owner", "Created_Time"];

    private CrmWorld _world = null!;

    public async Task InitializeAsync() => _world = await CrmWorld.StartAsync(crm);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task All_records_are_told_and_then_edits_deletions_merges_and_what_came_back()
    {
        const int Rows = 4_500;
        await crm.GenerateAsync(Leads, Rows);
        var tenant = await _world.TenantAsync();

        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        var first = await tenant.RestedAsync(subscription.FeedId);

        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);
        Assert.Equal((Rows, Rows), (told.Changes.Count, first.Records));

        var (edited, deleted) = (await crm.DoAsync(Leads, "edited", 300), await crm.DoAsync(Leads, "deleted", 40));
        await crm.DoAsync(Leads, "merged", 10);
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Changes.Count >= Rows + edited.Count && one.Records.Count == Rows - deleted.Count - 10);
        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);

        await crm.DoAsync(Leads, "restored", 5);
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Records.Count == Rows - deleted.Count - 5);
        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);

        // whoever comes later is told all of it, and Zoho is asked for none
        var calls = await crm.CallsAsync("crm.coql");
        var second = tenant.Follow(await tenant.SubscribeAsync(Leads, ["Last_Name"], service: "webhooks"), "webhooks");
        await second.FollowAsync(one => one.KnownUntil is not null);
        Assert.Equal(await crm.TruthAsync(Leads, ["Last_Name"]), second.Records);
        Assert.Equal(calls, await crm.CallsAsync("crm.coql"));
    }
}
