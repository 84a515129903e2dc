using System.Globalization;
using System.Net;
using System.Text.Json;
using Grpc.Net.Client;
using ZohoPlatform.Bench.Tokens;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>
/// Messages of one tenant that are stored, committed and acknowledged in a second, by each way in, beside single rows committed by the same PostgreSQL.
/// The tenant has no connection: its messages wait for one, and nothing is delivered meanwhile.
/// </summary>
internal static class IntakeRate
{
    private const int Writers = 64;
    // what the service takes of one stream
    private const int MostOpen = 1_000;
    private const int BatchCallers = 8;
    private const int OfABatch = 100;

    private const string InsertsOfAll = "INSERT, 64 connections";
    private const string InsertsOfOne = "INSERT, 1 connection";

    private const string Settings =
        """
        SELECT concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), (
            SELECT count(*) FROM pg_db_role_setting WHERE array_to_string(setconfig, ' ') LIKE '%synchronous_commit%'))
        """;

    private const string Stored = "SELECT count(*) FROM messages WHERE tenant_id = $1 AND starts_with(external_id, $2)";

    private static readonly TimeSpan LongestLap = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await MessagingBed.StartAsync(isDurable: true);
        if (await bed.AskAsync<string>(Settings) is var settings and not "on on on 0")
        {
            throw new InvalidOperationException($"Commits do not wait for the disk: {settings}");
        }

        var whoAmI = await bed.Http.GetFromJsonAsync<JsonElement>("api/v1/whoami");
        var tenant = new TenantId(whoAmI.GetProperty("tenant_id").GetGuid());
        var postmaster = PostgresCpu.PostmasterOf(await bed.AskAsync<int>("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"));
        await using var rows = await SingleRows.OpenAsync(bed.Database, Writers);
        using var channel = GrpcChannel.ForAddress(bed.Messaging.Address);
        var client = new Messages.MessagesClient(channel);
        Way[] ways =
        [
            new("stream, 1,000 open", true, lap => StreamAsync(client, tenant, lap, MostOpen, 10_000)),
            new("stream, 64 open", true, lap => StreamAsync(client, tenant, lap, Writers, 10_000)),
            new("REST, 64 callers", true, lap => PostAsync(bed.Http, lap, 5_000)),
            new("REST, 8 callers of 100", true, lap => PostBatchesAsync(bed.Http, lap, 100)),
            new(InsertsOfAll, false, _ => rows.RunAsync(Writers, 10_000)),
            new(InsertsOfOne, false, _ => rows.RunAsync(1, 1_000)),
        ];

        for (var warmUp = 0; warmUp < Contest.WarmUps; warmUp++)
        {
            foreach (var way in ways)
            {
                await MeasureAsync(bed, tenant, postmaster, way);
            }
        }

        var first = 0;
        return await Figure.OfRoundsAsync(rounds, async () =>
        {
            // who goes first changes with each round
            var found = new Dictionary<Way, Measured>();
            foreach (var way in (Way[])[.. ways[first..], .. ways[..first]])
            {
                found[way] = await MeasureAsync(bed, tenant, postmaster, way);
            }

            first = (first + 1) % ways.Length;
            return [.. FiguresOf([.. ways.Select(way => (way, found[way]))])];
        });
    }

    private static IEnumerable<Figure> FiguresOf(IReadOnlyList<(Way Way, Measured Found)> all)
    {
        foreach (var (way, found) in all)
        {
            yield return new(way.Name, "1/s", [found.PerSecond]);
        }

        foreach (var (insert, target) in new (string, Target?)[] { (InsertsOfAll, new(AtLeast: 2)), (InsertsOfOne, null) })
        {
            var rows = all.Single(one => one.Way.Name == insert).Found.PerSecond;
            foreach (var (way, found) in all.Where(one => one.Way.IsOurs))
            {
                yield return new($"{way.Name}, to {insert}", "x", [found.PerSecond / rows], target);
            }
        }

        foreach (var (way, found) in all.Where(one => one.Way.IsOurs))
        {
            yield return new($"{way.Name}, services' CPU each", "us", [found.Services]);
        }

        foreach (var (way, found) in all)
        {
            yield return new($"{way.Name}, PostgreSQL's CPU each", "us", [found.Postgres]);
        }

        foreach (var (way, found) in all)
        {
            yield return new($"{way.Name}, the load's CPU each", "us", [found.Load]);
        }

        yield return new("acknowledged and not there, or more than once", "", [all.Sum(one => one.Found.Wrong)], Target.None);
    }

    private static async Task<Measured> MeasureAsync(MessagingBed bed, TenantId tenant, int postmaster, Way way)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}-");
        var before = await bed.AskAsync<long>("SELECT count(*) FROM messages");
        var (services, postgres, load) = (ServicesOf(bed), PostgresCpu.Of(postmaster), Usage.OfThisProcess());

        var lap = await way.RunAsync(name);

        (services, postgres, load) = (ServicesOf(bed) - services, PostgresCpu.Of(postmaster) - postgres, Usage.OfThisProcess() - load);
        var expected = way.IsOurs ? lap.Operations : 0;
        var (grown, ofLap) = (await bed.AskAsync<long>("SELECT count(*) FROM messages") - before, await bed.AskAsync<long>(Stored, tenant.Value, name));
        return new Measured(
            lap.Operations / lap.Elapsed.TotalSeconds,
            services.TotalMicroseconds / lap.Operations,
            postgres.TotalMicroseconds / lap.Operations,
            load.Cpu.TotalMicroseconds / lap.Operations,
            Math.Abs(grown - expected) + Math.Abs(ofLap - expected));
    }

    private static TimeSpan ServicesOf(MessagingBed bed) => bed.Messaging.CpuTime + bed.Gateway.CpuTime;

    private static async Task<Lap> StreamAsync(Messages.MessagesClient client, TenantId tenant, string name, int open, int count)
    {
        using var limit = new CancellationTokenSource(LongestLap);
        using var room = new SemaphoreSlim(open);
        var begun = TimeProvider.System.GetTimestamp();
        using var call = client.StreamMessages(TestTickets.For(tenant, Role.Operator, "messaging"), cancellationToken: limit.Token);
        await Task.WhenAll(ReadAsync(), WriteAsync());
        return new Lap(count, TimeProvider.System.GetElapsedTime(begun));

        async Task ReadAsync()
        {
            try
            {
                var (ids, externalIds) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
                while (await call.ResponseStream.MoveNext(limit.Token))
                {
                    var stored = call.ResponseStream.Current;
                    if (stored.Outcome is not StoredMessage.Types.Outcome.Stored || !ids.Add(stored.Id) || !externalIds.Add(stored.ExternalId))
                    {
                        throw new InvalidOperationException($"A message is {stored.Outcome}, or was answered twice: {stored.Code}");
                    }

                    room.Release();
                }

                if (ids.Count != count)
                {
                    throw new InvalidOperationException($"{ids.Count} of {count} messages were answered.");
                }
            }
            catch
            {
                // whoever writes does not wait for an answer that will not come
                await limit.CancelAsync();
                throw;
            }
        }

        async Task WriteAsync()
        {
            for (var i = 0; i < count; i++)
            {
                await room.WaitAsync(limit.Token);
                await call.RequestStream.WriteAsync(
                    new NewMessage
                    {
                        ExternalId = string.Create(CultureInfo.InvariantCulture, $"{name}{i}"),
                        Direction = MessageDirection.Inbound,
                        Phone = Texts.PhoneOf(i),
                        Text = Texts.Of(i),
                    },
                    limit.Token);
            }

            await call.RequestStream.CompleteAsync();
        }
    }

    private static Task<Lap> PostAsync(HttpClient http, string name, int count) => CallerLap.RunAsync(Writers, count, async i =>
    {
        using var answer = await http.PostAsJsonAsync("api/v1/messages", NewMessage(name, i));
        var stored = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.StatusCode is HttpStatusCode.Created && IsStored(stored);
    });

    private static async Task<Lap> PostBatchesAsync(HttpClient http, string name, int count)
    {
        var lap = await CallerLap.RunAsync(BatchCallers, count, async i =>
        {
            using var answer = await http.PostAsJsonAsync(
                "api/v1/messages", new { messages = Enumerable.Range(i * OfABatch, OfABatch).Select(n => NewMessage(name, n)) });
            var stored = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return answer.StatusCode is HttpStatusCode.OK && stored.GetProperty("messages") is var all && all.GetArrayLength() == OfABatch
                && all.EnumerateArray().All(IsStored);
        });
        return lap with { Operations = count * OfABatch };
    }

    private static object NewMessage(string name, int n) => new
    {
        external_id = string.Create(CultureInfo.InvariantCulture, $"{name}{n}"),
        direction = "inbound",
        phone = Texts.PhoneOf(n),
        text = Texts.Of(n),
    };

    private static bool IsStored(JsonElement answer) => answer.GetProperty("outcome").GetString() == "stored";

    // gets a name that is no other lap's, with which its messages' ids begin
    private sealed record Way(string Name, bool IsOurs, Func<string, Task<Lap>> RunAsync);

    // CPU in microseconds of each message or row
    private sealed record Measured(double PerSecond, double Services, double Postgres, double Load, long Wrong);
}
