using System.Diagnostics;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>What a sync would do is found out without doing any of it.</summary>
internal static class SyncDryRun
{
    private const int Contacts = 50_000;
    private const int Active = 9_000;
    private const int Unsubscribed = 1_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await CampaignsBed.StartAsync();
        await bed.HoldAsync(1, Active, "active");
        await bed.HoldAsync(Active + 1, Unsubscribed, "unsub");
        await using var replica = await bed.StartReplicaAsync();
        var file = CampaignsBed.Csv("email", CampaignsBed.Users(1, Contacts));

        var watch = Stopwatch.StartNew();
        var source = await replica.UploadAsync(file);
        var uploaded = watch.Elapsed;
        var done = await replica.EndOfAsync(await replica.CreateAsync(source, dryRun: true), Limit);
        var ended = watch.Elapsed;

        if ((done.Counts.Added, done.Counts.Existing, done.Counts.Suppressed) != (Contacts - Active - Unsubscribed, Active, Unsubscribed))
        {
            throw new InvalidOperationException($"It found something else than there is: {done.Counts}");
        }

        var onList = (await bed.AddressesAsync()).Count;
        return
        [
            new Figure("upload of the file", "s", [uploaded.TotalSeconds]),
            new Figure("dry run", "s", [(ended - uploaded).TotalSeconds]),
            new Figure("both", "s", [ended.TotalSeconds], new Target(AtMost: 60)),
            new Figure("reads at Zoho", "", [done.Calls]),
            new Figure(
                "writes at Zoho", "",
                [await bed.CallsAsync("addlistsubscribersinbulk") + await bed.CallsAsync("listsubscribe") + onList - Active - Unsubscribed],
                Target.None),
        ];
    }
}
