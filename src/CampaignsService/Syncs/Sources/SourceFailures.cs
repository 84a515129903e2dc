using System.Globalization;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// What can be wrong with a source. A failure says where it is and how to mend it; nothing of the source is kept or pushed then.
/// </summary>
internal static class SourceFailures
{
    public static readonly Failure Empty = Invalid(
        "source_empty", "The source has no rows: a CSV file needs a header line and at least one more.");

    public static readonly Failure TooBig = Invalid(
        "source_too_big",
        $"The source is larger than {SourceLimits.Bytes / 1024 / 1024} MiB: send it in parts, each as a sync of its own.");

    public static readonly Failure TooManyRows = Invalid(
        "source_too_many_rows",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The source has more than {SourceLimits.Rows:N0} rows: send it in parts, each as a sync of its own."));

    public static readonly Failure TooManyColumns = Invalid(
        "source_too_many_columns", $"The source has more than {SourceLimits.Columns} columns: leave out those that are not needed.");

    public static readonly Failure ColumnTooLong = Invalid(
        "source_column_too_long",
        $"The name of a column of the source is longer than {SourceLimits.ColumnName} characters: shorten it, or begin the file with its names.");

    public static readonly Failure NotRead = new(
        FailureKind.Invalid, "source_query_not_a_select",
        "The query must be one SELECT (or WITH ... SELECT) that only reads: send no other statement.")
    {
        Field = "source.table.query",
    };

    public static readonly Failure Writes = new(
        FailureKind.Invalid, "source_query_writes", "The query writes: a source is read only. Send one SELECT that changes nothing.")
    {
        Field = "source.table.query",
    };

    public static readonly Failure HostsNotSet = new(
        FailureKind.Precondition,
        "source_hosts_not_set",
        "Tables cannot be a source here: the setting Sources:Hosts names no database server. The operator of the platform adds yours "
        + "to it.");

    public static readonly Failure Unreachable = new(
        FailureKind.Unavailable, "source_unavailable",
        "The database of the source does not answer: check its host and port, and that it runs.");

    public static Failure UploadsFull(DateTimeOffset? oldestEnds, DateTimeOffset now) => new(
        FailureKind.RateLimited,
        "uploads_full",
        string.Create(CultureInfo.InvariantCulture, $"Your uploads fill the {SourceLimits.BytesOfATenant / 1024 / 1024 / 1024} GiB that a tenant has. ")
            + (oldestEnds is { } ends
                ? string.Create(
                    CultureInfo.InvariantCulture, $"The oldest is forgotten at {ends.UtcDateTime:u}: send this one again then, or sync from a table.")
                : "They are forgotten once the syncs have read them that have yet to: resume or cancel those, and send this one again."))
    {
        RetryAfter = oldestEnds - now ?? TimeSpan.FromMinutes(10),
    };

    public static readonly Failure OwnServer = new(
        FailureKind.Invalid,
        "source_host_not_allowed",
        "This server is the platform's own, which is never a source: use a database of yours on another one.")
    {
        Field = "source.table.connection_string",
    };

    public static Failure HostNotAllowed(string host, int port) => new(
        FailureKind.Invalid,
        "source_host_not_allowed",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The setting Sources:Hosts does not name {host}:{port}: the operator of the platform adds it, or use a server that it names."))
    {
        Field = "source.table.connection_string",
    };

    public static Failure NotUtf8(long line, long position, ForeignFile file) => Invalid(
        "source_not_utf8",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The file is not UTF-8: line {line:N0}, byte {position:N0} of the file. It looks like {file.LooksLike}. {file.Fix}"));

    public static Failure Broken(long line, string what) => Invalid(
        "source_broken", string.Create(CultureInfo.InvariantCulture, $"Line {line:N0}: {what}"));

    public static Failure RowTooLong(long line) => Broken(line, $"the row is longer than {SourceLimits.RowBytes / 1024} KiB.");

    public static Failure Connection(string message) =>
        new(FailureKind.Invalid, "source_connection_invalid", message) { Field = "source.table.connection_string" };

    public static Failure Query(string message) => new(FailureKind.Invalid, "source_query_invalid", message) { Field = "source.table.query" };

    public static Failure Key(string code, string message) => new(FailureKind.Invalid, code, message) { Field = "source.table.key_column" };

    private static Failure Invalid(string code, string message) => new(FailureKind.Invalid, code, message);
}
