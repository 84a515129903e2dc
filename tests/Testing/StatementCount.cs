using System.Globalization;
using Npgsql;

namespace ZohoPlatform.Testing;

/// <summary>A statement as PostgreSQL counts it: its text with what varies taken out, and how often it was run.</summary>
/// <param name="Database">Where.</param>
/// <param name="Text">With <c>$1</c>, <c>$2</c>... for its values.</param>
/// <param name="Calls">How often.</param>
public sealed record CountedStatement(string Database, string Text, long Calls);

/// <summary>
/// What the services' own roles run at a PostgreSQL, counted by the server itself (pg_stat_statements): also what drivers send by
/// themselves, as the beginning and the end of a transaction or the reset of a pooled connection.
/// </summary>
public sealed class StatementCount
{
    private readonly string _superuser;

    private StatementCount(string superuser) => _superuser = superuser;

    /// <summary>Has the server count, for which it is ended and started once more by whoever runs it.</summary>
    /// <param name="superuser">Connection string of the superuser.</param>
    public static async Task<StatementCount> StartAsync(string superuser)
    {
        var connection = new NpgsqlConnectionStringBuilder(superuser) { Database = "postgres", Pooling = false };
        var count = new StatementCount(connection.ConnectionString);
        await count.AskAsync("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
        var file = (string)(await count.AskAsync("SELECT pg_read_file('postmaster.pid')"))!;
        Signals.Send("INT", int.Parse(file.Split('\n')[0], CultureInfo.InvariantCulture));
        await Eventually.GetAsync(count.IsPreloadedAsync, preloaded => preloaded);
        await count.AskAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        return count;
    }

    /// <summary>Counts from nothing.</summary>
    public Task ResetAsync() => AskAsync("SELECT pg_stat_statements_reset()");

    /// <summary>What was run since, the most frequent first.</summary>
    public async Task<IReadOnlyList<CountedStatement>> ReadAsync()
    {
        await using var connection = new NpgsqlConnection(_superuser);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT d.datname, s.query, sum(s.calls)::bigint
            FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid
            WHERE r.rolname LIKE '%\_service'
            GROUP BY d.datname, s.query ORDER BY sum(s.calls) DESC
            """,
            connection);
        var counted = new List<CountedStatement>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            counted.Add(new CountedStatement(rows.GetString(0), rows.GetString(1), rows.GetInt64(2)));
        }

        return counted;
    }

    private async Task<bool> IsPreloadedAsync()
    {
        try
        {
            return await AskAsync("SHOW shared_preload_libraries") is "pg_stat_statements";
        }
        catch (NpgsqlException)
        {
            // it is between its end and its start
            return false;
        }
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_superuser);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
