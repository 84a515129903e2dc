using System.Globalization;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// What a source's database says, in our words: its own may hold a value of a row, such as the address that a cast could not read.
/// </summary>
internal static class TableFailures
{
    private const string DataException = "22";
    private const string LimitExceeded = "54";

    /// <param name="e">What the server said.</param>
    /// <param name="queryAt">Where the caller's query begins in the statement, from 0; null where there is none of the caller's.</param>
    public static Failure Of(PostgresException e, int? queryAt = null) => e.SqlState switch
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
        PostgresErrorCodes.UndefinedTable => SourceFailures.Query(
            $"The source has no table of this name, or the user may not see it{Place(e, queryAt)}."),
        PostgresErrorCodes.InsufficientPrivilege => SourceFailures.Query(
            "The user of the source may not read this: give it SELECT, and where policies keep rows from it, row_security = on, by which it reads the "
                + "others."),
        _ when e.IsTransient || e.SqlState.StartsWith("08", StringComparison.Ordinal)
            || e.SqlState.StartsWith("57", StringComparison.Ordinal) => SourceFailures.Unreachable,
        PostgresErrorCodes.UndefinedColumn => SourceFailures.Query($"The query names a column that is not there{Place(e, queryAt)}."),
        PostgresErrorCodes.UndefinedFunction => SourceFailures.Query(
            $"The query uses a function or an operator that is not there for these types{Place(e, queryAt)}."),
        PostgresErrorCodes.SyntaxError => SourceFailures.Query($"The query is not the SQL of PostgreSQL{Place(e, queryAt)}."),
        _ when e.SqlState.StartsWith(DataException, StringComparison.Ordinal) => SourceFailures.Query(
            $"The query cannot be worked out for a value of some row (SQLSTATE {e.SqlState}): leave such rows out, or select the column "
                + "as it is."),
        _ when e.SqlState.StartsWith(LimitExceeded, StringComparison.Ordinal) => SourceFailures.Query(
            $"A row is too large for the source's database to tell of (SQLSTATE {e.SqlState}): select only the columns that are needed."),
        _ => SourceFailures.Query($"The source's database refuses the query (SQLSTATE {e.SqlState}){Place(e, queryAt)}."),
    };

    private static string Place(PostgresException e, int? queryAt) => queryAt is { } begin && e.Position > begin
        ? string.Create(CultureInfo.InvariantCulture, $", at character {e.Position - begin} of the query")
        : "";
}
