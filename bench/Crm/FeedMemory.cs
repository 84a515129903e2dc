using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Crm;

/// <summary>
/// A feed of 100,000 contacts is read to its end, and told to a service meanwhile, by a replica that has done 10,000 leads before. The tenant's
/// organisation has credits for it.
/// </summary>
internal static class FeedMemory
{
    private const int Few = 10_000;
    private const int Many = 100_000;
    private const int RowsOfAQuery = 2_000;
    private const string Subscriber = "campaigns";

    // the module's fields, the organisation, how many there are, what was changed since and what was deleted
    private const int OtherCalls = 5;

    // what was changed in the minute before is read a second time: this way it is one page
    private const int GeneratedPerSecond = 1;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Scopes = ["ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.org.READ", "ZohoCRM.coql.READ"];

    private static readonly string[] Fields = ["Last_Name", "First_Name", "Email", "Phone", "Mobile", "Owner", "Created_Time"];

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await ZohoBed.StartAsync("crm", Scopes);
        await bed.Zoho.ControlAsync(HttpMethod.Put, "crm/us/plan", new { credits = 1_000_000, concurrency = 25, sub_concurrency = 10 });
        await using var process = await ServiceProcess.StartAsync("CrmService", new Dictionary<string, string?>(bed.SettingsOf("crm"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:crm"] = await new CrmDatabase().MigrateAsync(await bed.Servers.CreateDatabaseAsync()),
            // the app host lets those that subscribe, of which there is none yet
            [$"Tickets:Issuers:{Subscriber}:Calls"] = "zohoplatform.crm.v1.Inbox",
        });
        using var channel = GrpcChannel.ForAddress(process.Address);

        var few = await ReadAsync(bed, process, channel, "Leads", Few);
        var many = await ReadAsync(bed, process, channel, "Contacts", Many);
        return
        [
            .. PeakMemory.Figures((Few, few.Bytes), (Many, many.Bytes)),
            CallsOf(Few, few.Run),
            CallsOf(Many, many.Run),
            new Figure("records not told", "", [Few + Many - few.Told - many.Told], Target.None),
            new Figure("records, 100,000", "1/s", [Many / (many.Run.EndedAt - many.Run.StartedAt).ToTimeSpan().TotalSeconds]),
        ];
    }

    private static Figure CallsOf(int rows, FeedRun run) => new(
        $"calls, {rows:#,0}, of which {Pages(rows)} are pages", "", [run.Calls], new Target(AtMost: Pages(rows) + OtherCalls));

    private static int Pages(int rows) => (rows + RowsOfAQuery - 1) / RowsOfAQuery;

    private static async Task<(FeedRun Run, int Told, long Bytes)> ReadAsync(
        ZohoBed bed, ServiceProcess process, GrpcChannel channel, string module, int rows)
    {
        await bed.Zoho.ControlAsync(
            HttpMethod.Post, $"crm/us/{module}/generated-records", new { count = rows, seed = 7, per_second = GeneratedPerSecond });
        var (read, bytes) = await PeakMemory.OfAsync(process, () => FollowAsync(bed, channel, module));
        return (read.Run, read.Told, bytes);
    }

    private static async Task<(FeedRun Run, int Told)> FollowAsync(ZohoBed bed, GrpcChannel channel, string module)
    {
        using var limit = new CancellationTokenSource(Limit);
        var (inbox, feeds) = (new Inbox.InboxClient(channel), new Feeds.FeedsClient(channel));
        var subscription = await inbox.SubscribeAsync(
            new SubscribeRequest { ConnectionId = bed.ConnectionId, Module = module, Fields = { Fields } },
            TestTickets.OwnOf(Subscriber, bed.Tenant, "crm"),
            cancellationToken: limit.Token);

        var told = new HashSet<string>(StringComparer.Ordinal);
        var telling = TellAsync(bed, inbox, subscription, told, limit.Token);
        var run = await EndOfAsync(bed, feeds, subscription, limit);
        await telling;
        return (run, told.Count);
    }

    // the run that has read everything
    private static async Task<FeedRun> EndOfAsync(ZohoBed bed, Feeds.FeedsClient feeds, Subscription subscription, CancellationTokenSource limit)
    {
        var well = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var feed = await feeds.GetFeedAsync(new() { Id = subscription.FeedId }, bed.Ticket("crm"), cancellationToken: limit.Token);
            well = feed.Code.Length == 0 ? TimeProvider.System.GetTimestamp() : well;
            if (TimeProvider.System.GetElapsedTime(well) > Patience)
            {
                await limit.CancelAsync();
                throw new InvalidOperationException($"The feed of {feed.Module} does not come forward: {feed.Message}");
            }

            var runs = await feeds.ListFeedRunsAsync(new() { Id = subscription.FeedId }, bed.Ticket("crm"), cancellationToken: limit.Token);
            if (runs.Runs.FirstOrDefault(run => run.Kind is FeedRunKind.Full) is { } first)
            {
                return first;
            }

            await Task.Delay(LookEvery, limit.Token);
        }
    }

    // until all is told; a stream ends with its ticket, and another one goes on behind its last page
    private static async Task TellAsync(
        ZohoBed bed, Inbox.InboxClient inbox, Subscription subscription, HashSet<string> told, CancellationToken cancellationToken)
    {
        for (var position = 0L; ;)
        {
            using var call = inbox.Follow(
                new FollowRequest { SubscriptionId = subscription.Id, After = position },
                TestTickets.OwnOf(Subscriber, bed.Tenant, "crm"),
                cancellationToken: cancellationToken);
            try
            {
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    var page = call.ResponseStream.Current;
                    told.UnionWith(page.Changes.Select(change => change.RecordId));
                    position = page.Position;
                    if (page.KnownUntil is not null)
                    {
                        return;
                    }
                }
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated)
            {
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{subscription.Module}: {told.Count:#,0} told"));
            }
        }
    }
}
