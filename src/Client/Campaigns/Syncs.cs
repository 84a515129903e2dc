using System.Text.Json.Serialization;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>A sync to start.</summary>
/// <param name="Source">Where its rows come from.</param>
public sealed record NewSync(SyncSource Source)
{
    /// <summary>The settings' list when null.</summary>
    public string? ListKey { get; init; }

    /// <summary>Says for every contact what would happen, and writes nothing at Zoho.</summary>
    public bool DryRun { get; init; }

    /// <summary>Only the first so many rows; all when null.</summary>
    public long? Limit { get; init; }

    /// <summary>Calls to Zoho a minute; the platform's own when null. Zoho's limits hold in any case.</summary>
    public int? Rate { get; init; }

    /// <summary>Null for the usual column names.</summary>
    public IReadOnlyList<FieldMapping>? Mapping { get; init; }

    /// <summary>Null keeps contacts that have unsubscribed where they are. Role needed with it: admin.</summary>
    public Consent? Consent { get; init; }
}

/// <summary>Either an upload or a table.</summary>
public sealed record SyncSource
{
    private SyncSource()
    {
    }

    public string? UploadId { get; private init; }

    public TableSource? Table { get; private init; }

    /// <param name="id"><see cref="UploadedSource.Id"/>.</param>
    public static SyncSource Upload(string id) => new() { UploadId = id };

    /// <summary>Role needed: admin.</summary>
    public static SyncSource OfTable(TableSource table) => new() { Table = table };
}

/// <summary>
/// Rows of a PostgreSQL database: exactly one of <see cref="Table"/> and <see cref="Query"/>. The platform only reads it.
/// </summary>
/// <param name="ConnectionString">Npgsql's; the platform must reach the server. Never shown again.</param>
public sealed record TableSource(string ConnectionString)
{
    /// <summary>table or schema.table.</summary>
    public string? Table { get; init; }

    /// <summary>One SELECT.</summary>
    public string? Query { get; init; }

    /// <summary>Orders the rows, unique and not null; id when null.</summary>
    public string? KeyColumn { get; init; }

    // a record prints its members: the connection string is a secret
    public override string ToString() => nameof(TableSource);
}

/// <param name="Column">Of the source.</param>
/// <param name="Field">Zoho's display name: First Name.</param>
public sealed record FieldMapping(string Column, string Field);

/// <summary>Pushes contacts that have unsubscribed, too.</summary>
/// <param name="Resubscribe">True.</param>
/// <param name="Reason">Kept with the sync for ever.</param>
public sealed record Consent(bool Resubscribe, string Reason);

[JsonConverter(typeof(ApiNameConverter<SyncState>))]
public enum SyncState
{
    Unknown,

    /// <summary>About to be taken up.</summary>
    Queued,

    /// <summary>Reads the source, and the list from Zoho.</summary>
    Preparing,
    Running,

    /// <summary>By request, or because a person must act first: the sync's code says which.</summary>
    Paused,

    /// <summary>Every contact has its outcome.</summary>
    Completed,
    Cancelled,

    /// <summary>The source or the mapping cannot be used. Nothing was pushed.</summary>
    Failed,
}

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
}

/// <summary>The sync is stored and will be run.</summary>
/// <param name="Id">Asks for it, and changes it.</param>
/// <param name="State">As it is now.</param>
/// <param name="StatusUrl">Relative to the gateway's address.</param>
public sealed record AcceptedSync(string Id, SyncState State, string? StatusUrl);

/// <summary>A sync as it stands.</summary>
/// <param name="Id">Asks for it again.</param>
/// <param name="State">Where it is.</param>
/// <param name="Code">Why it is paused or failed, or what it waits for; null when nothing stands in its way.</param>
/// <param name="Message">The same as a sentence, with what to do.</param>
/// <param name="DryRun">Nothing is written at Zoho.</param>
/// <param name="ListKey">The list.</param>
/// <param name="Limit">Only the first so many rows of the source; 0 or null for all.</param>
/// <param name="Rate">Calls to Zoho a minute.</param>
/// <param name="Mapping">Of columns to Zoho's fields, as it is used.</param>
/// <param name="Source">users.csv, or a table and its server: never a password.</param>
/// <param name="Counts">Contacts by outcome.</param>
/// <param name="Calls">Made to Zoho for it, reads included.</param>
/// <param name="ContactsPerMinute">Over the last minute of work.</param>
/// <param name="EstimatedEnd">Null while nobody can say.</param>
/// <param name="WaitsUntil">When a quota, a lock or an outage is over.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When work began.</param>
/// <param name="EndedAt">When it was completed, cancelled or failed.</param>
/// <param name="UnmappedColumns">Columns of the source that are not sent.</param>
public sealed record Sync(
    string Id,
    SyncState State,
    string? Code,
    string? Message,
    bool DryRun,
    string? ListKey,
    long? Limit,
    int? Rate,
    IReadOnlyList<FieldMapping> Mapping,
    string Source,
    SyncCounts Counts,
    long Calls,
    double ContactsPerMinute,
    DateTimeOffset? EstimatedEnd,
    DateTimeOffset? WaitsUntil,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<string> UnmappedColumns)
{
    public string Source { get; init; } = Source ?? "";

    public IReadOnlyList<FieldMapping> Mapping { get; init; } = Mapping ?? [];

    public SyncCounts Counts { get; init; } = Counts ?? new SyncCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public IReadOnlyList<string> UnmappedColumns { get; init; } = UnmappedColumns ?? [];

    /// <summary>Nothing of it changes any more.</summary>
    [JsonIgnore]
    public bool HasEnded => State is SyncState.Completed or SyncState.Cancelled or SyncState.Failed;
}

/// <summary>
/// Contacts by outcome. <paramref name="Total"/> is 0 until the source is read, <paramref name="Processed"/> the sum of those after it.
/// </summary>
public sealed record SyncCounts(
    long Total, long Processed, long Added, long Updated, long Existing, long Suppressed, long Invalid, long Duplicate, long Errors);

/// <summary>What became of one row.</summary>
/// <param name="Position">Row of the source, from 1.</param>
/// <param name="Email">As the source has it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">What was wrong, machine-read; null for a success.</param>
/// <param name="Message">The same as a sentence.</param>
/// <param name="At">Null while it is pending.</param>
public sealed record SyncContact(long Position, string Email, SyncOutcome Outcome, string? Code, string? Message, DateTimeOffset? At);

/// <summary>A sync after a change.</summary>
/// <param name="Number">Grows; <see cref="SyncsClient.WatchAsync"/> goes on after it.</param>
/// <param name="Sync">As it was then.</param>
/// <param name="Outcomes">
/// The last ones since the event before, oldest first; where there were many, older ones are in the ledger alone.
/// </param>
public sealed record SyncEvent(long Number, Sync Sync, IReadOnlyList<SyncContact> Outcomes);

/// <summary>An event's data on the wire.</summary>
internal sealed record SyncEventData(Sync? Sync, IReadOnlyList<SyncContact>? Outcomes);

internal sealed record SyncPage(IReadOnlyList<Sync> Syncs, string? NextPageToken);

internal sealed record SyncContactPage(IReadOnlyList<SyncContact> Contacts, string? NextPageToken);
