using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>Rows of somebody's database: what is read, and by which column it is paged.</summary>
/// <param name="Rows">What stands after FROM: a quoted table, or a query in parentheses.</param>
/// <param name="KeyColumn">Orders the rows; unique and not null.</param>
/// <param name="KeyType">Its type in PostgreSQL.</param>
internal sealed record TableQuery(string Rows, string KeyColumn, string KeyType);

/// <summary>What a look at a table source found.</summary>
/// <param name="Query">How it is read.</param>
/// <param name="Columns">What columns it has.</param>
/// <param name="Name">For people, without anything secret: <c>table public.users at db.example.com</c>.</param>
internal sealed record TableFound(TableQuery Query, IReadOnlyList<string> Columns, string Name);

/// <summary>A page of rows in the order of their keys.</summary>
/// <param name="Rows">Each as its key and what stands in its columns, as text.</param>
/// <param name="IsLast">No row is behind it.</param>
internal sealed record TablePage(IReadOnlyList<(string Key, IReadOnlyDictionary<string, string> Columns)> Rows, bool IsLast);

/// <summary>
/// Reads users out of a customer's PostgreSQL without being able to change it: every page is one SELECT inside a read-only transaction with
/// a statement timeout, which says itself what text is. Names, and what row level security shows, are the database's to say.
/// </summary>
internal sealed partial class TableRows(SourceServers servers)
{
    // What text is, whatever the server's, the database's or the role's settings say: keys go out and come back as text. The order of day and month
    // in a query stays the database's, and so does lc_monetary: the one tells dates apart, the other says which currency it is.
    private const string Session =
        """
        SET TRANSACTION READ ONLY;
        SET LOCAL statement_timeout = '60s';
        SET LOCAL DateStyle = ISO;
        SET LOCAL IntervalStyle = postgres;
        SET LOCAL TimeZone = 'UTC';
        SET LOCAL extra_float_digits = 1;
        SET LOCAL bytea_output = hex;
        SET LOCAL xmlbinary = base64;
        SET LOCAL standard_conforming_strings = on
        """;

    private const string Alias = "source_rows";
    private const string From = "SELECT * FROM ";

    // JSON of a row has its names and escapes, too
    private const int RowBytes = 2 * SourceLimits.RowBytes;
    private const int KeyBytes = 1_000;
    private const int PageBytes = 4 * 1024 * 1024;

    // as people know them, and as PostgreSQL names them in its own schema: a search_path may put others of these names before
    private static readonly Dictionary<string, string> KeyTypes = new(StringComparer.Ordinal)
    {
        ["smallint"] = "int2",
        ["integer"] = "int4",
        ["bigint"] = "int8",
        ["numeric"] = "numeric",
        ["text"] = "text",
        ["character varying"] = "varchar",
        ["uuid"] = "uuid",
        ["date"] = "date",
        ["timestamp without time zone"] = "timestamp",
        ["timestamp with time zone"] = "timestamptz",
    };

    /// <summary>Connects and looks, without reading a row: everything that can be known to be wrong is told now.</summary>
    public async Task<Result<TableFound>> LookAsync(
        string connectionString, string table, string query, string keyColumn, CancellationToken cancellationToken)
    {
        if (!servers.Check(connectionString).Succeeded(out var server, out var failure)
            || !FromClause(table, query).Succeeded(out var rows, out failure))
        {
            return failure;
        }

        return await ReadAsync<TableFound>(
            server,
            async connection =>
            {
                var types = new Dictionary<string, string>(StringComparer.Ordinal);
                await using (var look = Command(connection, $"{From}{rows} AS {Alias} LIMIT $1", 0L))
                await using (var reader = await look.ExecuteReaderAsync(cancellationToken))
                {
                    foreach (var column in await reader.GetColumnSchemaAsync(cancellationToken))
                    {
                        if (!types.TryAdd(column.ColumnName, column.DataTypeName ?? ""))
                        {
                            return SourceFailures.Query(
                                $"The query names the column {column.ColumnName} twice: give one of them another name with AS.");
                        }
                    }
                }

                var key = keyColumn.Length == 0 ? "id" : keyColumn;
                if (!types.TryGetValue(key, out var type))
                {
                    return SourceFailures.Key(
                        "source_key_missing",
                        $"The source has no column {key} to order its rows by: name a unique one. "
                            + $"It has {ColumnSet.Shown([.. types.Keys])}.");
                }

                type = Precision.Replace(type, "");
                if (!KeyTypes.ContainsKey(type))
                {
                    return SourceFailures.Key(
                        "source_key_type",
                        $"Rows cannot be ordered by {key}, which is a {type}: name a unique column of numbers, text, UUIDs or times.");
                }

                var name = query.Length > 0 ? $"query at {server.Host}" : $"table {table} at {server.Host}";
                return types.Count > SourceLimits.Columns
                    ? SourceFailures.TooManyColumns
                    : new TableFound(new TableQuery(rows, key, type), [.. types.Keys], name);
            },
            // behind the parenthesis
            query.Length > 0 ? From.Length + 1 : null,
            cancellationToken);
    }

    /// <summary>The rows behind <paramref name="after"/>, or the first ones.</summary>
    public async Task<Result<TablePage>> ReadAsync(
        string connectionString, TableQuery query, string? after, int most, CancellationToken cancellationToken)
    {
        if (!servers.Check(connectionString).Succeeded(out var server, out var failure))
        {
            return failure;
        }

        var key = $"{Alias}.{Quoted(query.KeyColumn)}";
        return await ReadAsync<TablePage>(
            server,
            async connection =>
            {
                if (after is null)
                {
                    await using var nulls = Command(
                        connection, $"SELECT EXISTS (SELECT 1 FROM {query.Rows} AS {Alias} WHERE {key} IS NULL AND $1)", true);
                    if (await nulls.ExecuteScalarAsync(cancellationToken) is true)
                    {
                        return SourceFailures.Key(
                            "source_key_null",
                            $"{query.KeyColumn} is empty in some rows, which could not be found by it: name a column that is never null.");
                    }
                }

                // One more than asked for shows whether more follow, and whether the next one has the same key: the server says so, because 1.0 and
                // 1.00, or a and A, may be one to it, and the next page begins behind both. The server is asked how long a value is, too, and works
                // it out once: a row that is too long never leaves it.
                var sql =
                    $"""
                    SELECT bounded.key, bounded.content, {key} OPERATOR(pg_catalog.=) pg_catalog.lag({key}) OVER (ORDER BY {key})
                    FROM (
                        SELECT * FROM {query.Rows} AS {Alias}
                        {(after is null ? "" : $"WHERE {key} OPERATOR(pg_catalog.>) $2::pg_catalog.text::pg_catalog.{KeyTypes[query.KeyType]}")}
                        ORDER BY {key} LIMIT $1) AS {Alias}
                    CROSS JOIN LATERAL (
                        SELECT CASE WHEN pg_catalog.octet_length(asked.key) OPERATOR(pg_catalog.<=) {KeyBytes} THEN asked.key END AS key,
                            CASE WHEN pg_catalog.octet_length(asked.content) OPERATOR(pg_catalog.<=) {RowBytes} THEN asked.content END AS content
                        FROM (
                            SELECT {key}::pg_catalog.text AS key, pg_catalog.to_jsonb({Alias})::pg_catalog.text AS content OFFSET 0) AS asked
                        OFFSET 0) AS bounded
                    ORDER BY {key}
                    """;
                await using var page = after is null ? Command(connection, sql, most + 1L) : Command(connection, sql, most + 1L, after);
                await using var reader = await page.ExecuteReaderAsync(cancellationToken);
                var (rows, bytes) = (new List<(string, IReadOnlyDictionary<string, string>)>(most), 0L);
                while (await reader.ReadAsync(cancellationToken))
                {
                    if (reader.IsDBNull(0))
                    {
                        return SourceFailures.Key(
                            "source_key_too_long", $"A value of {query.KeyColumn} is longer than {KeyBytes} bytes: name a shorter column.");
                    }

                    if (!reader.IsDBNull(2) && reader.GetBoolean(2))
                    {
                        return SourceFailures.Key(
                            "source_key_not_unique", $"Two rows have the same {query.KeyColumn}: name a column that is unique.");
                    }

                    if (rows.Count == most || bytes > PageBytes)
                    {
                        return new TablePage(rows, IsLast: false);
                    }

                    if (reader.IsDBNull(1))
                    {
                        return SourceFailures.Query(
                            $"A row is longer than {RowBytes / 1024} KiB: select only the columns that are needed.");
                    }

                    var columns = reader.GetString(1);
                    bytes += columns.Length;
                    rows.Add((reader.GetString(0), ColumnsOf(columns)));
                }

                return new TablePage(rows, IsLast: true);
            },
            queryAt: null,
            cancellationToken);
    }

    private static IReadOnlyDictionary<string, string> ColumnsOf(string row)
    {
        using var document = JsonDocument.Parse(row);
        return SourceRow.ReadColumns(document.RootElement, isNested: true)!;
    }

    private static Result<string> FromClause(string table, string query)
    {
        if (query.Length == 0)
        {
            var parts = table.Split('.');
            return parts is { Length: 1 or 2 }
                && parts.All(part => part.Length is > 0 and <= 63 && !part.Contains('\0', StringComparison.Ordinal))
                ? string.Join('.', parts.Select(Quoted))
                : Failure.InvalidField("source.table.table", "source.table.table must be a name such as users or public.users; for anything else send a query.");
        }

        var text = query.Trim().TrimEnd(';').TrimEnd();
        var first = new string([.. text.TakeWhile(char.IsAsciiLetter)]).ToUpperInvariant();
        return first switch
        {
            // on a line of its own: a comment at the query's end must not take the parenthesis along
            "SELECT" or "WITH" when !text.Contains('\0', StringComparison.Ordinal) => $"({text}\n)",
            "INSERT" or "UPDATE" or "DELETE" or "MERGE" or "TRUNCATE" or "DROP" or "CREATE" or "ALTER" or "COPY" or "CALL" or "DO" =>
                SourceFailures.Writes,
            _ => SourceFailures.NotRead,
        };
    }

    // a parameter in every statement: the server then takes no second one behind it
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 90 };
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private async Task<Result<T>> ReadAsync<T>(
        NpgsqlConnectionStringBuilder server,
        Func<NpgsqlConnection, Task<Result<T>>> read,
        int? queryAt,
        CancellationToken cancellationToken)
        where T : notnull
    {
        if (!(await servers.OpenAsync(server, cancellationToken)).Succeeded(out var connection, out var failure))
        {
            return failure;
        }

        try
        {
            await using var opened = connection;
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var set = new NpgsqlCommand(Session, connection))
            {
                await set.ExecuteNonQueryAsync(cancellationToken);
            }

            return await read(connection);
        }
        catch (PostgresException e)
        {
            return TableFailures.Of(e, queryAt);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            return SourceFailures.Unreachable;
        }
    }

    // character varying(200), timestamp(3) with time zone
    [GeneratedRegex(@"\([0-9,]*\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Precision { get; }

    private static string Quoted(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
