using System.Globalization;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>
/// Whatever happens while it is read, what was told is what Zoho has. With <c>FEED_ROWS=100000</c> and <c>FEED_KILLS=10</c>, as
/// <c>./test.sh --long</c> says it, in full size.
/// </summary>
public sealed class FeedKillTests(Crm crm) : IClassFixture<Crm>
{
    private const string Leads = "Leads";

    private static readonly string[] Fields = ["Last_Name", "Phone", "City", "Company"];

    private static int Rows => Number("FEED_ROWS", 6_000);

    private static int Kills => Number("FEED_KILLS", 4);

    [Fact]
    public async Task Killed_at_random_moments_while_people_go_on_working_it_becomes_equal()
    {
        var random = new Random(13);
        // real time: what is killed comes back when its claims have ended
        await using var world = await CrmWorld.StartAsync(crm, TimeProvider.System, replicas: 2);
        await crm.ControlAsync(HttpMethod.Put, "/plan", new { credits = 10_000_000, concurrency = 25, sub_concurrency = 10 });
        await crm.SetAsync(new { coql_rows = 200 });
        await crm.GenerateAsync(Leads, Rows, perSecond: 10);
        var tenant = await world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);

        var pages = Rows / 200;
        for (var kill = 0; kill < Kills; kill++)
        {
            var at = await crm.CallsAsync("crm.coql") + random.Next(1, Math.Max(2, pages / (Kills + 1)));
            await Eventually.GetAsync(() => crm.CallsAsync("crm.coql"), calls => calls >= at);
            await crm.DoAsync(Leads, "edited", 20, seed: kill);
            await crm.DoAsync(Leads, "deleted", 3, seed: kill);
            await (kill % 2 == 0 ? world.CutAsync() : world.ReplaceOneAsync());
        }

        await ReadAsync(tenant, subscription);
        await crm.DoAsync(Leads, "edited", Rows / 100, seed: 101);
        await crm.DoAsync(Leads, "edited", Rows / 200, seed: 102);
        await crm.DoAsync(Leads, "deleted", Rows / 500, seed: 103);
        await crm.DoAsync(Leads, "merged", 20, seed: 104);
        var truth = await crm.TruthAsync(Leads, Fields);
        await tenant.RefreshAsync(subscription.FeedId);

        var told = tenant.Follow(subscription);
        while (told.KnownUntil is null)
        {
            var next = told.Changes.Count + 10_000;
            await told.FollowAsync(one => one.KnownUntil is not null || one.Changes.Count >= next);
        }

        Assert.Equal(truth, told.Records);
        Assert.Equal(truth.Count, (await tenant.FeedAsync(subscription.FeedId)).Records);

        // and a comparison of everything finds nothing that was wrong
        await tenant.RefreshAsync(subscription.FeedId, FeedRunKind.Check);
        var report = (await tenant.RunsAsync(subscription.FeedId)).First(run => run.Kind is FeedRunKind.Check);
        Assert.Equal((0, 0, truth.Count), (report.Written, report.Deleted, report.Records));
    }

    // as long as it comes forward, however many there are
    private static async Task ReadAsync(CrmTenant tenant, Subscription subscription)
    {
        for (var read = -1L; ;)
        {
            var feed = await Eventually.GetAsync(
                () => tenant.FeedAsync(subscription.FeedId), now => now.Progress is null ? now.KnownUntil is not null : now.Progress.Read > read);
            if (feed.Progress is null)
            {
                return;
            }

            read = feed.Progress.Read;
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;
}
