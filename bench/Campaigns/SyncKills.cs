using System.Globalization;
using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>Two replicas work on one sync; again and again one of them is killed, and started anew.</summary>
internal static class SyncKills
{
    private const int Contacts = 5_000;
    private const int Kills = 20;

    // so slow that the twentieth replica is up before the last contact, also where a start takes a while
    private const int CallsAMinute = 80;

    // ten addresses each; before that the account's fields, and of each of four states of the list a page that is empty
    private const int LeastCalls = (Contacts / 10) + 1 + 4;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var seed = Environment.TickCount;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        await using var bed = await CampaignsBed.StartAsync();
        var replicas = new Replica[2];
        try
        {
            for (var i = 0; i < replicas.Length; i++)
            {
                replicas[i] = await bed.StartReplicaAsync();
            }

            var source = await replicas[0].UploadAsync(CampaignsBed.Csv("email", CampaignsBed.Users(1, Contacts)));
            var sync = await replicas[0].CreateAsync(source, CallsAMinute);
            await KillAsync(bed, replicas, sync, new Random(seed));
            var done = await replicas[0].EndOfAsync(sync, Limit);
            return await CompareAsync(bed, await replicas[0].LedgerAsync(done), done);
        }
        finally
        {
            foreach (var replica in replicas)
            {
                if (replica is not null)
                {
                    await replica.DisposeAsync();
                }
            }
        }
    }

    private static async Task KillAsync(CampaignsBed bed, Replica[] replicas, Sync sync, Random random)
    {
        using var limit = new CancellationTokenSource(Limit);
        for (var kill = 0; kill < Kills; kill++)
        {
            // anywhere within its share of the job
            var moment = ((kill * Contacts) + random.Next(Contacts)) / Kills;
            Sync now;
            while ((now = await replicas[0].GetAsync(sync)).Counts.Processed < Math.Min(moment, Contacts - 10))
            {
                await Task.Delay(random.Next(1, 100), limit.Token);
            }

            await Task.Delay(random.Next(1, 400), limit.Token);
            var victim = random.Next(replicas.Length);
            await replicas[victim].KillAsync();
            var after = await replicas[1 - victim].GetAsync(sync);
            if (after.State is SyncState.Completed)
            {
                throw new InvalidOperationException($"The sync ended before kill {kill + 1}.");
            }

            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"kill {kill + 1}: replica {victim} at {after.State} {after.Counts.Processed}"));
            await replicas[victim].DisposeAsync();
            replicas[victim] = await bed.StartReplicaAsync();
        }
    }

    private static async Task<IReadOnlyList<Figure>> CompareAsync(CampaignsBed bed, IReadOnlyList<SyncContact> ledger, Sync done)
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
            new Figure("addresses not on the list", "", [source.Except(list, StringComparer.Ordinal).Count()], new Target(AtMost: 0)),
            new Figure(
                "others on it, or on it twice", "", [list.Count - source.Intersect(list, StringComparer.Ordinal).Count()],
                new Target(AtMost: 0)),
            new Figure("rows of the ledger not \"added\"", "", [ledger.Count - added], new Target(AtMost: 0)),
            new Figure("addresses not in the ledger", "", [Contacts - added], new Target(AtMost: 0)),
            new Figure("bulk calls", "", [bulk]),
            new Figure("reads", "", [reads]),
            new Figure("calls to the least possible", "x", [(double)(bulk + reads) / LeastCalls], new Target(AtMost: 1.02)),
            new Figure("calls as the sync counts them", "", [done.Calls]),
            new Figure("time from start to end", "s", [(done.EndedAt - done.StartedAt).ToTimeSpan().TotalSeconds]),
        ];
    }
}
