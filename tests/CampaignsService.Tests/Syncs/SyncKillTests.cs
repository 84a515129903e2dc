using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

public sealed class SyncKillTests(Zoho zoho, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<Zoho>
{
    private const int Contacts = 1_000;
    private const int Kills = 4;
    private const int CallsAMinute = 600;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Killing_replicas_at_random_moments_leaves_nobody_out_and_pushes_nobody_twice()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        // the one that is asked works on nothing itself
        await using var campaigns = await Campaigns.StartAsync(zoho, pushes: false);
        var settings = await campaigns.SettingsAsync();
        var syncing = new Syncing(campaigns.Host, (await campaigns.TenantAsync()).Id);
        var created = await syncing.CreateAsync(Syncing.Users(Contacts), CallsAMinute);
        List<ServiceProcess> replicas = [await StartAsync(settings), await StartAsync(settings)];
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            for (var kill = 0; kill < Kills; kill++)
            {
                // anywhere within its share of the job
                var moment = ((kill * Contacts) + random.Next(Contacts)) / Kills;
                while ((await syncing.GetAsync(created.Id)).Counts.Processed < Math.Min(moment, Contacts - 1))
                {
                    await Task.Delay(random.Next(1, 40), limit.Token);
                }

                var victim = random.Next(replicas.Count);
                await using (var killed = replicas[victim])
                {
                    replicas.RemoveAt(victim);
                    await killed.KillAsync();
                }

                replicas.Add(await StartAsync(settings));
            }

            Wire.Sync done;
            while ((done = await syncing.GetAsync(created.Id)).State is not SyncState.Completed)
            {
                await Task.Delay(100, limit.Token);
            }

            var ledger = await syncing.LedgerAsync(done);
            Assert.Equal(Syncing.Users(Contacts), ledger.Select(contact => contact.Email));
            Assert.All(ledger, contact => Assert.Equal(Outcome.Added, contact.Outcome));
            Assert.Equal(
                Syncing.Users(Contacts).Order(StringComparer.Ordinal),
                (await zoho.ContactsAsync()).Select(contact => contact["Contact Email"]).Order(StringComparer.Ordinal));
            // a kill costs the calls that were on their way just then, and nothing else
            Assert.InRange(await zoho.CallsAsync("addlistsubscribersinbulk"), Contacts / 10, (Contacts / 10) + (4 * Kills));
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    private static Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string?> settings) =>
        ServiceProcess.StartAsync("CampaignsService", settings);
}
