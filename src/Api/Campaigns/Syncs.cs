using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Campaigns;

/// <summary>A file that a sync can use.</summary>
/// <param name="Id">Send it as source.upload_id of a sync.</param>
/// <param name="Name">As it was sent.</param>
/// <param name="Rows">Without the header line.</param>
/// <param name="Columns">Their names, in the file's order.</param>
/// <param name="ExpiresAt">Forgotten then, unless a sync uses it.</param>
public sealed record UploadedSource(string Id, string Name, long Rows, IReadOnlyList<string> Columns, DateTimeOffset? ExpiresAt)
{
    public IReadOnlyList<string> Columns { get; init; } = Columns ?? [];
}

/// <summary>A job to make: which users go to which mailing list, and how.</summary>
/// <param name="Source">Where the users are.</param>
public sealed record NewSync(SyncSource Source)
{
    /// <summary>Zoho's key of the mailing list; the settings' list when absent or <c>default</c>.</summary>
    public string? ListKey { get; init; }

    /// <summary>Nothing is written at Zoho: the ledger says for every contact what would happen.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Only the first so many rows of the source; all when absent.</summary>
    public long? Limit { get; init; }

    /// <summary>Calls to Zoho a minute; 170 when absent. Zoho's own limits hold in any case.</summary>
    public int? Rate { get; init; }

    /// <summary>Which column goes to which of Zoho's fields; the nine usual ones under their usual names when absent.</summary>
    public IReadOnlyList<FieldMapping>? Mapping { get; init; }

    /// <summary>Only rows that all of these take; all rows when absent.</summary>
    public IReadOnlyList<RowFilter>? Filters { get; init; }

    /// <summary>
    /// Columns that look as if they said who may be written to, and do not matter. A sync that is no dry run is refused while such a column
    /// is neither mapped nor in filters nor here.
    /// </summary>
    public IReadOnlyList<string>? IgnoredColumns { get; init; }

    /// <summary>Only where contacts who have unsubscribed shall be mailed again. Role needed with it: admin.</summary>
    public Consent? Consent { get; init; }
}

/// <summary>Either an upload or a table.</summary>
public sealed record SyncSource
{
    /// <summary>The id that POST /sync-sources answered.</summary>
    public string? UploadId { get; init; }

    /// <summary>Rows of a PostgreSQL database. Role needed with it: admin.</summary>
    public TableSource? Table { get; init; }

    /// <param name="id"><see cref="UploadedSource.Id"/>.</param>
    public static SyncSource Upload(string id) => new() { UploadId = id };

    /// <summary>Role needed: admin.</summary>
    public static SyncSource OfTable(TableSource table) => new() { Table = table };
}

/// <summary>
/// Rows of a PostgreSQL database, read in pages by key inside read-only transactions: exactly one of <see cref="Table"/> and
/// <see cref="Query"/>.
/// </summary>
/// <param name="ConnectionString">
/// Of PostgreSQL, such as <c>Host=db.example.com;Database=shop;Username=reader;Password=...</c>; no answer holds it. The platform must
/// reach the server.
/// </param>
public sealed record TableSource(string ConnectionString)
{
    /// <summary><c>schema.table</c> or <c>table</c>; this or a query.</summary>
    public string? Table { get; init; }

    /// <summary>One SELECT; this or a table.</summary>
    public string? Query { get; init; }

    /// <summary>Orders the rows, unique and not null; <c>id</c> when absent.</summary>
    public string? KeyColumn { get; init; }

    // a record prints its members: the connection string is a secret
    public override string ToString() => nameof(TableSource);
}

/// <summary>Which column goes to which field.</summary>
/// <param name="Column">Of the source.</param>
/// <param name="Field">Zoho's display name, such as First Name.</param>
public sealed record FieldMapping(string Column, string Field);

/// <summary>Takes rows by what stands in a column.</summary>
/// <param name="Column">Of the source.</param>
/// <param name="Values">One of these must stand there, without case and spaces around; an empty one takes rows without a value.</param>
public sealed record RowFilter(string Column, IReadOnlyList<string> Values)
{
    public IReadOnlyList<string> Values { get; init; } = Values ?? [];
}

/// <summary>Overrules that contacts have unsubscribed.</summary>
/// <param name="Resubscribe">Pushes them, too.</param>
/// <param name="Reason">How they agreed, at most 500 characters on one line without an address; kept with the sync.</param>
public sealed record Consent(bool Resubscribe, string Reason);

/// <summary>Where a job is.</summary>
[JsonConverter(typeof(ApiNameConverter<SyncState>))]
public enum SyncState
{
    Unknown,

    /// <summary>About to be taken up.</summary>
    Queued,

    /// <summary>Reads the source, and the list from Zoho.</summary>
    Preparing,
    Running,

    /// <summary>
    /// By request, or because a person must act first: the sync's code says which. With a resumes_at it goes on by itself as soon as what it
    /// misses is there, without one when it is resumed.
    /// </summary>
    Paused,

    /// <summary>Every contact has its outcome.</summary>
    Completed,
    Cancelled,

    /// <summary>The source or the mapping cannot be used. Nothing was pushed.</summary>
    Failed,
}

/// <summary>What became of a contact; in a dry run what would.</summary>
[JsonConverter(typeof(ApiNameConverter<SyncOutcome>))]
public enum SyncOutcome
{
    Unknown,
    Pending,

    /// <summary>Not on the list before; in a dry run: would be added.</summary>
    Added,

    /// <summary>On the list before, its fields were sent; in a dry run: would be updated.</summary>
    Updated,

    /// <summary>On the list before, and there was nothing to send.</summary>
    Existing,

    /// <summary>Unsubscribed, bounced, reported as spam or on Do-Not-Mail: not pushed.</summary>
    Suppressed,
    Invalid,

    /// <summary>An earlier row of the source has this address.</summary>
    Duplicate,

    /// <summary>Zoho refuses it for good.</summary>
    Error,

    /// <summary>A filter leaves its row out: not pushed.</summary>
    Filtered,

    /// <summary>Not on the list before, and Zoho has sent a mail: on the list once it has confirmed.</summary>
    ConfirmationSent,
}

/// <summary>The job is stored and will be run.</summary>
/// <param name="Id">Asks for it, and changes it.</param>
/// <param name="State">As it is now.</param>
/// <param name="StatusUrl">Tells how it goes; relative to the gateway's address.</param>
public sealed record AcceptedSync(string Id, SyncState State, string StatusUrl);

/// <summary>A job and how far it is.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="State">queued, preparing, running, paused, completed, cancelled or failed.</param>
/// <param name="Code">Why it is paused or failed, or what it waits for; absent when nothing stands in its way.</param>
/// <param name="Message">The same in a sentence, with what to do.</param>
/// <param name="DryRun">Nothing is written at Zoho.</param>
/// <param name="ListKey">Zoho's key of the mailing list.</param>
/// <param name="Limit">Only the first so many rows of the source; absent when all.</param>
/// <param name="Rate">Calls to Zoho a minute.</param>
/// <param name="Mapping">Which column goes to which of Zoho's fields.</param>
/// <param name="Source">For people: users.csv, or table public.users at db.example.com.</param>
/// <param name="Counts">What became of the contacts so far.</param>
/// <param name="Calls">Made to Zoho for this job, reads included.</param>
/// <param name="ContactsPerMinute">Over the last minute of work.</param>
/// <param name="EtaAt">When it ends at this pace; absent where there is none.</param>
/// <param name="ResumesAt">When it goes on by itself, or looks again for a connection that is missing; absent where it does not wait.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="StartedAt">When a replica took it first.</param>
/// <param name="EndedAt">When it completed, failed or was cancelled.</param>
/// <param name="UnmappedColumns">Columns of the source that are not sent.</param>
/// <param name="Filters">Only rows that all of these take.</param>
/// <param name="IgnoredColumns">Columns that were said not to matter.</param>
/// <param name="ConsentColumns">
/// Unmapped columns that look as if they said who may be written to, and of which nothing was said: a sync that is no dry run wants each of
/// them in filters or in ignored_columns.
/// </param>
/// <param name="SendsConfirmations">
/// The list has a sign-up form: Zoho sends everyone who is new to it (a dry run: would send) a mail that they have to confirm.
/// </param>
/// <param name="ExpiresAt">When it is deleted with its ledger: a dry run, a day after it has ended; absent for all others.</param>
public sealed record Sync(
    string Id,
    SyncState State,
    string? Code,
    string? Message,
    bool DryRun,
    string ListKey,
    long? Limit,
    int Rate,
    IReadOnlyList<FieldMapping> Mapping,
    string Source,
    SyncCounts Counts,
    long Calls,
    double ContactsPerMinute,
    DateTimeOffset? EtaAt,
    DateTimeOffset? ResumesAt,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<string> UnmappedColumns,
    IReadOnlyList<RowFilter> Filters,
    IReadOnlyList<string> IgnoredColumns,
    IReadOnlyList<string> ConsentColumns,
    bool SendsConfirmations,
    DateTimeOffset? ExpiresAt)
{
    public IReadOnlyList<FieldMapping> Mapping { get; init; } = Mapping ?? [];

    public SyncCounts Counts { get; init; } = Counts ?? new SyncCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public IReadOnlyList<string> UnmappedColumns { get; init; } = UnmappedColumns ?? [];

    public IReadOnlyList<RowFilter> Filters { get; init; } = Filters ?? [];

    public IReadOnlyList<string> IgnoredColumns { get; init; } = IgnoredColumns ?? [];

    public IReadOnlyList<string> ConsentColumns { get; init; } = ConsentColumns ?? [];

    /// <summary>The connection through which Zoho is called; absent before.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>Whose account that opens; absent where it is not known.</summary>
    public string? Account { get; init; }

    /// <summary>Who made it, as the audit names callers: key:abc.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Nothing of it changes any more.</summary>
    [JsonIgnore]
    public bool HasEnded => State is SyncState.Completed or SyncState.Cancelled or SyncState.Failed;
}

/// <summary>Contacts by outcome.</summary>
/// <param name="Total">Rows of the source, as far as it is read.</param>
/// <param name="Processed">Those with an outcome; the sum of those below.</param>
/// <param name="Added">Not on the list before.</param>
/// <param name="Updated">On the list before, their fields were sent.</param>
/// <param name="Existing">On the list before, and there was nothing to send.</param>
/// <param name="Suppressed">Unsubscribed, bounced, reported as spam or on Do-Not-Mail: not pushed.</param>
/// <param name="Invalid">No usable mail address.</param>
/// <param name="Duplicate">An earlier row has the address.</param>
/// <param name="Errors">Zoho refuses them for good.</param>
/// <param name="Filtered">Left out by a filter: not pushed.</param>
/// <param name="ConfirmationSent">Not on the list before, and mailed by Zoho: on the list once they have confirmed.</param>
public sealed record SyncCounts(
    long Total, long Processed, long Added, long Updated, long Existing, long Suppressed, long Invalid, long Duplicate, long Errors,
    long Filtered, long ConfirmationSent);

/// <summary>A page of jobs.</summary>
/// <param name="Syncs">Newest first, unless asked otherwise.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record SyncPage(IReadOnlyList<Sync> Syncs, string? NextPageToken, int Total);

/// <summary>What became of one row of the source.</summary>
/// <param name="Position">Of the row, from 1.</param>
/// <param name="Email">As the source has it; empty where it has none.</param>
/// <param name="Outcome">pending, added, updated, existing, suppressed, invalid, duplicate, error, filtered or confirmation_sent; in a dry run what would be.</param>
/// <param name="Code">What was wrong, machine-read; absent for a success.</param>
/// <param name="Message">The same in a sentence.</param>
/// <param name="DecidedAt">When it was decided; absent while pending.</param>
public sealed record SyncContact(long Position, string Email, SyncOutcome Outcome, string? Code, string? Message, DateTimeOffset? DecidedAt);

/// <summary>A page of a job's ledger.</summary>
/// <param name="Contacts">In the source's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record SyncContactPage(IReadOnlyList<SyncContact> Contacts, string? NextPageToken);

/// <summary>A job after a change: the data of an event.</summary>
/// <param name="Sync">The job now.</param>
/// <param name="Outcomes">Those since the event before, oldest first; at most 100, older ones are in the ledger.</param>
public sealed record SyncEvent(Sync Sync, IReadOnlyList<SyncContact> Outcomes)
{
    public IReadOnlyList<SyncContact> Outcomes { get; init; } = Outcomes ?? [];

    /// <summary>The event's id: grows, and goes back as Last-Event-ID to go on after a cut.</summary>
    [JsonIgnore]
    public long Number { get; init; }
}
