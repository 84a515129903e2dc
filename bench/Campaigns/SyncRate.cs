using System.Diagnostics;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>What ten addresses a call are worth under the same limit of calls.</summary>
internal static class SyncRate
{
    private const int CallsAMinute = 170;
    private const int Addresses = 2_000;
    private const int WithFields = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await CampaignsBed.StartAsync();
        await using var replica = await bed.StartReplicaAsync();
        var bulk = await PerMinuteAsync(replica, CampaignsBed.Csv("email", CampaignsBed.Users(1, Addresses)));
        var single = await PerMinuteAsync(
            replica,
            CampaignsBed.Csv("email,first_name", CampaignsBed.Users(Addresses + 1, WithFields).Select(address => $"{address},Ada")));
        var (bulkCalls, singleCalls) = (await bed.CallsAsync("addlistsubscribersinbulk"), await bed.CallsAsync("listsubscribe"));
        if ((bulkCalls, singleCalls) != (Addresses / 10, WithFields))
        {
            throw new InvalidOperationException($"{bulkCalls} bulk calls and {singleCalls} single ones are not the two ways.");
        }

        return
        [
            new Figure("contacts, ten a call", "1/min", [bulk]),
            new Figure("contacts, one a call", "1/min", [single]),
            new Figure("contacts, ratio", "x", [bulk / single], new Target(AtLeast: 9)),
        ];
    }

    // from the first outcome to the last: what comes before is the same for both, and says nothing of the pace
    private static async Task<double> PerMinuteAsync(Replica replica, byte[] file)
    {
        var sync = await replica.CreateAsync(await replica.UploadAsync(file), CallsAMinute);
        var watch = new Stopwatch();
        var before = 0L;
        var done = await replica.EndOfAsync(sync, Limit, now =>
        {
            if (!watch.IsRunning && now.Counts.Processed > 0)
            {
                before = now.Counts.Processed;
                watch.Start();
            }
        });
        return (done.Counts.Processed - before) / watch.Elapsed.TotalMinutes;
    }
}
