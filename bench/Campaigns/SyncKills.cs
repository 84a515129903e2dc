using System.Globalization;
using ZohoPlatform.Contracts.Campaigns.V1;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>Two replicas work on one sync; again and again one of them is killed, and started anew.</summary>
internal static class SyncKills
{
    private const int Contacts = 5_000;
    private const int Kills = 20;

    // ten addresses each; before that the account's fields, and of each of four states of the list a page that is empty
    private const int LeastCalls = (Contacts / 10) + 1 + 4;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var seed = Environment.TickCount;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        await using var bed = await CampaignsBed.StartAsync();
        List<Replica> replicas = [await bed.StartReplicaAsync(), await bed.StartReplicaAsync()];
        try
        {
            var source = await replicas[0].UploadAsync(CampaignsBed.Csv("email", CampaignsBed.Users(1, Contacts)));
            var sync = await replicas[0].CreateAsync(source);
            await KillAsync(bed, replicas, sync, new Random(seed));
            var done = await replicas[0].EndOfAsync(sync, Limit);
            return await CompareAsync(bed, await replicas[0].LedgerAsync(done), done);
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    private static async Task KillAsync(CampaignsBed bed, List<Replica> replicas, Wire.Sync sync, Random random)
    {
        using var limit = new CancellationTokenSource(Limit);
        // each anywhere within its share of the job, and none so late that there is nothing left
        var moments = Enumerable.Range(0, Kills)
            .Select(kill => Math.Min(((kill * Contacts) + random.Next(Contacts)) / Kills, Contacts - 100))
            .ToList();
        for (var kill = 0; kill < Kills; kill++)
        {
            while ((await replicas[0].GetAsync(sync)).Counts.Processed < moments[kill])
            {
                await Task.Delay(random.Next(1, 100), limit.Token);
            }

            await Task.Delay(random.Next(1, 400), limit.Token);
            var victim = replicas[random.Next(replicas.Count)];
            replicas.Remove(victim);
            await victim.KillAsync();
            var left = await replicas[0].GetAsync(sync);
            if (left.State is SyncState.Completed)
            {
                throw new InvalidOperationException($"The sync ended before kill {kill + 1}.");
            }

            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"kill {kill + 1} of {Kills}: {left.Counts.Processed:#,0} of {Contacts:#,0} were written down"));
            replicas.Add(await ReplaceAsync(bed, replicas[0], sync, kill + 1 < Kills ? moments[kill + 1] : int.MaxValue));
        }
    }

    // where a start takes longer than the work up to the next kill, the sync is paused: it must not end before the last one
    private static async Task<Replica> ReplaceAsync(CampaignsBed bed, Replica survivor, Wire.Sync sync, int nextMoment)
    {
        var starting = bed.StartReplicaAsync();
        var isPaused = false;
        while (await Task.WhenAny(starting, Task.Delay(LookEvery)) != starting)
        {
            if (!isPaused && (await survivor.GetAsync(sync)).Counts.Processed >= nextMoment)
            {
                await survivor.PauseAsync(sync);
                isPaused = true;
            }
        }

        var replacement = await starting;
        if (isPaused)
        {
            await replacement.ResumeAsync(sync);
        }

        return replacement;
    }

    private static async Task<IReadOnlyList<Figure>> CompareAsync(CampaignsBed bed, IReadOnlyList<SyncContact> ledger, Wire.Sync done)
    {
        var source = CampaignsBed.Users(1, Contacts).ToHashSet(StringComparer.Ordinal);
        var list = await bed.AddressesAsync();
        var added = ledger.Where(contact => contact.Outcome is SyncContactOutcome.Added)
            .Select(contact => contact.Email).Distinct(StringComparer.Ordinal).Count();
        var (bulk, reads) = (
            await bed.CallsAsync("addlistsubscribersinbulk"),
            await bed.CallsAsync("getlistsubscribers") + await bed.CallsAsync("contact/allfields"));
        return
        [
            new Figure("replicas killed while it ran", "", [Kills]),
            new Figure("addresses not on the list", "", [source.Except(list, StringComparer.Ordinal).Count()], Target.None),
            new Figure(
                "others on it, or on it twice", "", [list.Count - source.Intersect(list, StringComparer.Ordinal).Count()],
                Target.None),
            new Figure("rows of the ledger not \"added\"", "", [ledger.Count - added], Target.None),
            new Figure("addresses not in the ledger", "", [Contacts - added], Target.None),
            new Figure("bulk calls", "", [bulk]),
            new Figure("reads", "", [reads]),
            new Figure("calls to the least possible", "x", [(double)(bulk + reads) / LeastCalls], new Target(AtMost: 1.02)),
            new Figure("calls as the sync counts them", "", [done.Calls]),
            new Figure("time from start to end", "s", [(done.EndedAt - done.StartedAt).ToTimeSpan().TotalSeconds]),
        ];
    }
}
