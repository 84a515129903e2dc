using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

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
/// <param name="Rows">Each as its key and a JSON object.</param>
/// <param name="IsLast">No row is behind it.</param>
internal sealed record TablePage(IReadOnlyList<(string Key, string Columns)> Rows, bool IsLast);

/// <summary>
/// Reads users out of a customer's PostgreSQL without being able to change it: every page is one SELECT inside a read-only transaction with
/// a statement timeout, and only servers that the operator named are connected to.
/// </summary>
internal sealed partial class TableRows(IOptions<SourceOptions> options)
{
    private const int ConnectSeconds = 10;
    private const string StatementTimeout = "SET LOCAL statement_timeout = '60s'";
    private const string Alias = "source_rows";

    private static readonly string[] KeyTypes =
        ["smallint", "integer", "bigint", "numeric", "text", "character varying", "uuid", "date", "timestamp without time zone",
            "timestamp with time zone"];

    /// <summary>Connects and looks, without reading a row: everything that can be known to be wrong is told now.</summary>
    public async Task<Result<TableFound>> LookAsync(
        string connectionString, string table, string query, string keyColumn, CancellationToken cancellationToken)
    {
        if (!Checked(connectionString).Succeeded(out var checkedString, out var failure)
            || !FromClause(table, query).Succeeded(out var rows, out failure))
        {
            return failure;
        }

        return await ReadAsync<TableFound>(
            checkedString,
            async connection =>
            {
                var types = new Dictionary<string, string>(StringComparer.Ordinal);
                await using (var look = Command(connection, $"SELECT * FROM {rows} AS {Alias} LIMIT $1", 0L))
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
                if (!KeyTypes.Contains(type, StringComparer.Ordinal))
                {
                    return SourceFailures.Key(
                        "source_key_type",
                        $"Rows cannot be ordered by {key}, which is a {type}: name a unique column of numbers, text, UUIDs or times.");
                }

                var host = new NpgsqlConnectionStringBuilder(checkedString).Host;
                var name = query.Length > 0 ? $"query at {host}" : $"table {table} at {host}";
                return types.Count > SourceLimits.Columns
                    ? SourceFailures.TooManyColumns
                    : new TableFound(new TableQuery(rows, key, type), [.. types.Keys], name);
            },
            cancellationToken);
    }

    /// <summary>The rows behind <paramref name="after"/>, or the first ones.</summary>
    public async Task<Result<TablePage>> ReadAsync(
        string connectionString, TableQuery query, string? after, int most, CancellationToken cancellationToken)
    {
        if (!Checked(connectionString).Succeeded(out var checkedString, out var failure))
        {
            return failure;
        }

        var key = $"{Alias}.{Quoted(query.KeyColumn)}";
        return await ReadAsync<TablePage>(
            checkedString,
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

                // one more than asked for shows whether more follow, and whether the next one has the same key
                await using var page = after is null
                    ? Command(connection,
                        $"SELECT {key}::text, to_jsonb({Alias})::text FROM {query.Rows} AS {Alias} ORDER BY {key} LIMIT $1", most + 1L)
                    : Command(
                        connection,
                        $"SELECT {key}::text, to_jsonb({Alias})::text FROM {query.Rows} AS {Alias} "
                        + $"WHERE {key} > $2::text::{query.KeyType} ORDER BY {key} LIMIT $1",
                        most + 1L,
                        after);
                await using var reader = await page.ExecuteReaderAsync(cancellationToken);
                var rows = new List<(string, string)>(most);
                string? last = after;
                while (await reader.ReadAsync(cancellationToken))
                {
                    var rowKey = reader.GetString(0);
                    if (rowKey == last)
                    {
                        return SourceFailures.Key(
                            "source_key_not_unique", $"Two rows have the same {query.KeyColumn} ({rowKey}): name a column that is unique.");
                    }

                    if (rows.Count == most)
                    {
                        return new TablePage(rows, IsLast: false);
                    }

                    var columns = reader.GetString(1);
                    if (Encoding.UTF8.GetByteCount(columns) > 2 * SourceLimits.RowBytes)
                    {
                        return SourceFailures.Query(
                            $"The row whose {query.KeyColumn} is {rowKey} is longer than {2 * SourceLimits.RowBytes / 1024} KiB: "
                            + "select only the columns that are needed.");
                    }

                    rows.Add((rowKey, columns));
                    last = rowKey;
                }

                return new TablePage(rows, IsLast: true);
            },
            cancellationToken);
    }

    /// <summary>What stands in a row's columns, as text.</summary>
    public static IReadOnlyDictionary<string, string> Columns(string row)
    {
        using var document = JsonDocument.Parse(row);
        return SourceRow.ReadColumns(document.RootElement, isNested: true)!;
    }

    // only what says where the database is and who asks: no files of this machine, no certificates, no pool of its own
    private Result<string> Checked(string connectionString)
    {
        if (options.Value.AllowedHosts.Count == 0)
        {
            return SourceFailures.HostsNotSet;
        }

        NpgsqlConnectionStringBuilder given;
        try
        {
            given = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return SourceFailures.Connection(
                "connection_string cannot be read: send Host=...;Port=5432;Database=...;Username=...;Password=..., with values in quotes "
                + "that hold a semicolon.");
        }

        if (string.IsNullOrEmpty(given.Host) || string.IsNullOrEmpty(given.Database)
            || string.IsNullOrEmpty(given.Username) || string.IsNullOrEmpty(given.Password))
        {
            return SourceFailures.Connection("connection_string must have Host, Database, Username and Password.");
        }

        if (!options.Value.AllowedHosts.Contains(given.Host, StringComparer.OrdinalIgnoreCase))
        {
            return SourceFailures.HostNotAllowed(given.Host);
        }

        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = given.Host,
            Port = given.Port,
            Database = given.Database,
            Username = given.Username,
            Password = given.Password,
            SslMode = given.SslMode,
            Pooling = false,
            Timeout = ConnectSeconds,
            ApplicationName = "ZohoPlatform sync",
        };
        connection.PinForeignSession();
        return connection.ConnectionString;
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

    private static async Task<Result<T>> ReadAsync<T>(
        string connectionString, Func<NpgsqlConnection, Task<Result<T>>> read, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            foreach (var setting in new[] { "SET TRANSACTION READ ONLY", StatementTimeout })
            {
                await using var set = new NpgsqlCommand(setting, connection);
                await set.ExecuteNonQueryAsync(cancellationToken);
            }

            return await read(connection);
        }
        catch (PostgresException e)
        {
            return FailureOf(e);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            return SourceFailures.Unreachable;
        }
    }

    private static Failure FailureOf(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => SourceFailures.Writes,
        // WITH ... DELETE and its like inside a query
        PostgresErrorCodes.FeatureNotSupported when e.MessageText.Contains("data-modifying", StringComparison.Ordinal) =>
            SourceFailures.Writes,
        PostgresErrorCodes.SyntaxError when e.MessageText.Contains("multiple commands", StringComparison.Ordinal) => SourceFailures.NotRead,
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => SourceFailures.Connection(
            "The database of the source refuses the user or its password."),
        PostgresErrorCodes.InvalidCatalogName => SourceFailures.Connection("The server of the source has no database of this name."),
        PostgresErrorCodes.QueryCanceled =>
            SourceFailures.Query("The source takes longer than a minute for a page: index the key column, or select less."),
        PostgresErrorCodes.UndefinedTable => SourceFailures.Query("The source has no table of this name, or the user may not see it."),
        PostgresErrorCodes.InsufficientPrivilege => SourceFailures.Query("The user of the source may not read this: give it SELECT."),
        _ when e.IsTransient || e.SqlState.StartsWith("08", StringComparison.Ordinal)
            || e.SqlState.StartsWith("57", StringComparison.Ordinal) => SourceFailures.Unreachable,
        // the server's words are about the caller's own query, and hold no value of a row
        _ => SourceFailures.Query(
            string.Create(CultureInfo.InvariantCulture, $"The source's database refuses the query: {e.MessageText} ({e.SqlState}).")),
    };

    // character varying(200), timestamp(3) with time zone
    [GeneratedRegex(@"\([0-9,]*\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Precision { get; }

    private static string Quoted(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
