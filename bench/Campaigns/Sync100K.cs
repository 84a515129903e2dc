using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Bench.Campaigns;

/// <summary>
/// A table of 100,000 users is brought onto a list by a replica that has done 10,000 before, at the pace that Zoho's limit of the bulk
/// method leaves. The machine must be able to keep it.
/// </summary>
internal static class Sync100K
{
    private const int Few = 10_000;
    private const int Many = 100_000;

    // the platform's share of the 2,000 bulk calls a minute that Zoho documents
    private const int CallsAMinute = 1_600;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var bed = await CampaignsBed.StartAsync();
        await using var replica = await bed.StartReplicaAsync();
        var database = await bed.CreateDatabaseAsync();
        await MakeUsersAsync(database);

        var few = await SyncAsync(replica, database, "few_users", Few);
        var many = await SyncAsync(replica, database, "many_users", Many);
        var onList = (await bed.AddressesAsync()).Count;
        return
        [
            .. PeakMemory.Figures((Few, few.Bytes), (Many, many.Bytes)),
            new Figure("calls, 100,000", "", [many.Done.Calls]),
            new Figure("calls per contact, reads included", "", [(double)many.Done.Calls / Many], new Target(AtMost: 0.101)),
            new Figure("contacts not on the list", "", [Few + Many - onList], Target.None),
            new Figure(
                "contacts, 100,000", "1/min", [Many / (many.Done.EndedAt - many.Done.StartedAt).ToTimeSpan().TotalMinutes]),
        ];
    }

    private static async Task MakeUsersAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"""
            CREATE TABLE few_users (id bigint PRIMARY KEY, email text);
            INSERT INTO few_users SELECT n, 'user' || n || '@example.com' FROM generate_series(1, {Few}) n;
            CREATE TABLE many_users (id bigint PRIMARY KEY, email text);
            INSERT INTO many_users SELECT n, 'user' || n || '@example.com' FROM generate_series({Few + 1}, {Few + Many}) n;
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<(Wire.Sync Done, long Bytes)> SyncAsync(Replica replica, string database, string table, int rows)
    {
        var source = new SyncSource { Table = new TableSource { ConnectionString = database, Table = table } };
        var sync = await replica.CreateAsync(source, CallsAMinute);
        var (done, bytes) = await PeakMemory.OfAsync(replica.Process, () => replica.EndOfAsync(sync, Limit));
        return done.Counts.Added == rows
            ? (done, bytes)
            : throw new InvalidOperationException($"{rows} contacts were to be added: {done.Counts}");
    }
}
