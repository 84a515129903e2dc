using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>What a registered user costs PostgreSQL and the token service, from the gateway to the record of Zoho's answer.</summary>
internal static class ContactRoad
{
    private const int InARow = 100;

    // the token service's hand-outs, in its audit
    private static readonly TimeSpan WrittenDownWithin = TimeSpan.FromSeconds(2);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await CampaignsBed.StartAsync(countsStatements: true);
        await using var replica = await bed.StartReplicaAsync();
        var adminKey = RandomNumberGenerator.GetHexString(40);
        await using var gateway = await bed.StartGatewayAsync(replica.Address, adminKey);
        using var http = new HttpClient { BaseAddress = gateway.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"zp_bootstrap_{adminKey}");
        await Eventually.GetAsync(async () => (await http.GetAsync("health")).IsSuccessStatusCode, healthy => healthy);

        // before the hand-out is written down, which is a moment later
        await bed.Statements!.ResetAsync();
        await bed.AskForTokenAsync();
        var asked = (await bed.Statements.ReadAsync()).Where(statement => statement.Database == NameOf(bed.Tokens));
        var token = ContactRoadCount.Of(1, 1, [.. asked], NameOf(bed.Gateway), NameOf(bed.Campaigns));

        await Task.Delay(WrittenDownWithin);

        // the door's key is read before: it is read once in ten seconds, whoever comes
        (await http.GetAsync("api/v1/whoami")).EnsureSuccessStatusCode();
        var first = await CountAsync(bed, http, "first", 1);
        var steady = await CountAsync(bed, http, "steady", InARow);
        var keyed = await CountAsync(bed, http, "keyed", InARow, withKey: true);
        foreach (var (name, count) in new[] { ("token", token), ("first", first), ("steady", steady), ("with an Idempotency-Key", keyed) })
        {
            await Console.Error.WriteLineAsync($"{name}, {count.Registrations} registrations:");
            foreach (var statement in count.Statements)
            {
                var text = string.Join(' ', statement.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                await Console.Error.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{statement.Calls,5} {statement.Database[..12]} {text}"));
            }
        }

        return
        [
            Each("statements", steady, steady.OnTheRoad, new Target(AtMost: 6)),
            Each("statements, door", steady, steady.Door),
            Each("statements, campaigns, until it is stored", steady, steady.Stored),
            Each("statements, campaigns, until its outcome is recorded", steady, steady.Pushed),
            Each("statements, tenant of a connection, its reset, begin and commit", steady, steady.Sessions),
            Each("statements later, in batches and by the clock", steady, steady.Later),
            Each("statements with an Idempotency-Key", keyed, keyed.OnTheRoad),
            Each("statements of the token service, token known", steady, steady.Token),
            Each("calls of the token service, token known", steady, steady.Calls, Target.None),
            Each("statements of the token service, first use", token, token.OnTheRoad, new Target(AtMost: 6)),
            Each("calls of the token service, first use", first, first.Calls, new Target(AtMost: 1, AtLeast: 1, IsCount: true)),
        ];
    }

    private static Figure Each(string name, ContactRoadCount count, long found, Target? target = null) =>
        new(name, "", [(double)found / count.Registrations], target);

    private static async Task<ContactRoadCount> CountAsync(
        CampaignsBed bed, HttpClient http, string name, int registrations, bool withKey = false)
    {
        var before = await ContactRoadCount.HandOutsAsync(bed.Tokens);
        await bed.Statements!.ResetAsync();
        for (var i = 0; i < registrations; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/campaigns/contacts")
            {
                Content = JsonContent.Create(new { email = $"{name}{i}@example.com", first_name = "Ada" }),
            };
            if (withKey)
            {
                request.Headers.Add("Idempotency-Key", $"{name}{i}");
            }

            (await http.SendAsync(request)).EnsureSuccessStatusCode();
            await Eventually.GetAsync(() => ContactRoadCount.IsDoneAsync(bed.Campaigns), done => done);
        }

        var statements = await bed.Statements.ReadAsync();
        await Task.Delay(WrittenDownWithin);
        var calls = await ContactRoadCount.HandOutsAsync(bed.Tokens) - before;
        return ContactRoadCount.Of(registrations, calls, statements, NameOf(bed.Gateway), NameOf(bed.Campaigns));
    }

    private static string NameOf(string database) => new NpgsqlConnectionStringBuilder(database).Database!;
}
