using System.Text.RegularExpressions;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>A platform that nobody asks for anything lets its machine sleep.</summary>
[Collection(OneLaunch.Name)]
public sealed partial class IdleTests(SharedPlatform shared)
{
    private const int StatementsAMinute = 60;
    private const int SpansAMinute = 10;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task It_makes_few_statements_and_hardly_a_span_in_a_minute()
    {
        // lists that other tests have had copied are looked at each minute, as is promised of them: that is no idleness
        await SqlAsync("UPDATE copies SET state = 2; UPDATE copy_queue SET due_at = now()", "campaigns-db");
        var log = new FileInfo(Path.Combine(shared.Platform.State, "logs", "postgres.log"));
        var before = (await ReadAsync(log)).Length;
        await SqlAsync("ALTER SYSTEM SET log_statement = 'all'");
        await SqlAsync("SELECT pg_reload_conf()");
        try
        {
            // from here on PostgreSQL itself says what it is asked, the resets of the services' pools as well
            before += (await Eventually.GetAsync(
                async () => (await ReadAsync(log))[before..],
                said => said.Contains("\"log_statement\" changed", StringComparison.Ordinal))).Length;
            // what other tests have left behind is worked on for a while yet
            await Eventually.GetAsync(() => CountAsync(log, Moment), found => found.Statements.Count <= StatementsAMinute / 6);

            var (statements, spans) = await CountAsync(log, TimeSpan.FromMinutes(1));
            // it would count nothing where the log is another one than is thought
            Assert.NotEmpty(statements);
            Assert.True(statements.Count < StatementsAMinute, $"{statements.Count} statements: {Listed(statements)}");
            Assert.True(spans.Count < SpansAMinute, $"{spans.Count} spans: {Listed(spans)}");
        }
        finally
        {
            await SqlAsync("ALTER SYSTEM RESET log_statement");
            await SqlAsync("SELECT pg_reload_conf()");
            await SqlAsync(
                "UPDATE copies SET state = 1; INSERT INTO copy_queue (tenant_id, id, due_at) SELECT tenant_id, id, now() FROM copies ON CONFLICT DO NOTHING",
                "campaigns-db");
        }
    }

    private async Task<(IReadOnlyList<string> Statements, IReadOnlyList<string> Spans)> CountAsync(FileInfo log, TimeSpan time)
    {
        var (from, began) = ((await ReadAsync(log)).Length, TimeProvider.System.GetUtcNow());
        await Task.Delay(time);
        return ([.. Statement().Matches((await ReadAsync(log))[from..]).Select(match => match.Groups[1].Value)], shared.Collector.SpansSince(began));
    }

    private static string Listed(IEnumerable<string> all) =>
        string.Join("; ", all.CountBy(one => one).OrderByDescending(one => one.Value).Select(one => $"{one.Value} x {one.Key}"));

    private static async Task<string> ReadAsync(FileInfo log)
    {
        await using var file = new FileStream(log.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    private async Task SqlAsync(string sql, string on = "postgres")
    {
        // no pool: its reset would be counted
        var server = await shared.Platform.ConnectionStringAsync(on);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("LOG: +(?:statement|execute [^:]*): *(.{0,100})")]
    private static partial Regex Statement();
}
