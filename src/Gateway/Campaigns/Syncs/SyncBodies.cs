using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.ContractValues;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>A job to make: which users go to which mailing list, and how.</summary>
/// <param name="Source">Where the users are.</param>
/// <param name="ListKey">Zoho's key of the mailing list; the settings' list when absent or <c>default</c>.</param>
/// <param name="DryRun">Nothing is written at Zoho: the ledger says for every contact what would happen.</param>
/// <param name="Limit">Only the first so many rows of the source; all when absent.</param>
/// <param name="Rate">Calls to Zoho a minute; 170 when absent. Zoho's own limits hold in any case.</param>
/// <param name="Mapping">Which column goes to which of Zoho's fields; the nine usual fields under their usual column names when absent.</param>
/// <param name="Consent">Only where contacts who have unsubscribed shall be mailed again.</param>
internal sealed record NewSync(
    [property: Required] NewSyncSource? Source,
    string? ListKey,
    bool? DryRun,
    long? Limit,
    int? Rate,
    IReadOnlyList<FieldMappingBody?>? Mapping,
    NewSyncConsent? Consent)
{
    /// <summary>A database is read with a password that the request brings, and a consent is overruled: neither is an operator's to decide.</summary>
    public bool NeedsAdmin() => Source?.Table is not null || Consent?.Resubscribe is true;

    public Result<CreateSyncRequest> ToContract(string idempotencyKey)
    {
        if (Limit < 1)
        {
            return Failure.InvalidField("limit", "limit must be 1 or more; leave it out for all rows.");
        }

        if (Rate < 1)
        {
            return Failure.InvalidField("rate", "rate must be 1 call a minute or more; leave it out for the usual rate.");
        }

        if (Source is null)
        {
            return Failure.InvalidField("source", "source is missing: give it an upload_id or a table.");
        }

        if (!Source.ToContract().Succeeded(out var source, out var failure))
        {
            return failure;
        }

        var request = new CreateSyncRequest
        {
            Source = source,
            ListKey = DefaultList.KeyOf(ListKey),
            DryRun = DryRun ?? false,
            Limit = Limit ?? 0,
            Rate = Rate ?? 0,
            IdempotencyKey = idempotencyKey,
        };
        request.Mapping.AddRange((Mapping ?? []).Select(pair => new FieldMapping { Column = pair?.Column ?? "", Field = pair?.Field ?? "" }));
        if (Consent is not null)
        {
            request.Consent = new() { Resubscribe = Consent.Resubscribe ?? false, Reason = Consent.Reason ?? "" };
        }

        return request;
    }
}

/// <summary>One of the two.</summary>
/// <param name="UploadId">The id that POST /sync-sources answered.</param>
/// <param name="Table">Rows of a PostgreSQL database.</param>
internal sealed record NewSyncSource(string? UploadId, NewTableSource? Table)
{
    public Result<SyncSource> ToContract() => (UploadId, Table) switch
    {
        ({ Length: > 0 }, null) => new SyncSource { UploadId = UploadId },
        (null, { } table) => table.ToContract().Succeeded(out var rows, out var failure) ? new SyncSource { Table = rows } : failure,
        _ => Failure.InvalidField("source", "source must have either an upload_id or a table."),
    };
}

/// <summary>Read in pages by key inside read-only transactions.</summary>
/// <param name="ConnectionString">Of PostgreSQL, such as <c>Host=db.example.com;Database=shop;Username=reader;Password=...</c>; no answer holds it.</param>
/// <param name="Table"><c>schema.table</c> or <c>table</c>; this or a query.</param>
/// <param name="Query">One SELECT; this or a table.</param>
/// <param name="KeyColumn">Orders the rows, unique and not null; <c>id</c> when absent.</param>
internal sealed record NewTableSource([property: Required] string? ConnectionString, string? Table, string? Query, string? KeyColumn)
{
    public Result<TableSource> ToContract()
    {
        var source = new TableSource { ConnectionString = ConnectionString ?? "", KeyColumn = KeyColumn ?? "" };
        switch (Table, Query)
        {
            case ({ Length: > 0 }, null):
                source.Table = Table;
                return source;
            case (null, { Length: > 0 }):
                source.Query = Query;
                return source;
            default:
                return Failure.InvalidField("source.table", "source.table must have either a table or a query.");
        }
    }

    // a record prints its members: one holds a password
    public override string ToString() => nameof(NewTableSource);
}

/// <param name="Column">Of the source.</param>
/// <param name="Field">Zoho's display name, such as First Name.</param>
internal sealed record FieldMappingBody([property: Required] string? Column, [property: Required] string? Field);

/// <param name="Resubscribe">Pushes contacts who have unsubscribed, too.</param>
/// <param name="Reason">What entitles you to; kept with the job for ever.</param>
internal sealed record NewSyncConsent(bool? Resubscribe, string? Reason);

/// <summary>The job is stored and will be run; <paramref name="StatusUrl"/> tells how it goes.</summary>
internal sealed record AcceptedSync(string Id, string State, string StatusUrl);

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
/// <param name="EstimatedEnd">At this pace; absent where there is none.</param>
/// <param name="WaitsUntil">When it goes on by itself; absent where it does not wait.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="StartedAt">When a replica took it first.</param>
/// <param name="EndedAt">When it completed, failed or was cancelled.</param>
/// <param name="UnmappedColumns">Columns of the source that are not sent.</param>
internal sealed record SyncBody(
    string Id,
    string State,
    string? Code,
    string? Message,
    bool DryRun,
    string ListKey,
    long? Limit,
    int Rate,
    IReadOnlyList<FieldMappingBody> Mapping,
    string Source,
    SyncCountsBody Counts,
    long Calls,
    double ContactsPerMinute,
    DateTimeOffset? EstimatedEnd,
    DateTimeOffset? WaitsUntil,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<string> UnmappedColumns)
{
    public static SyncBody Of(Sync sync) => new(
        sync.Id,
        ApiNames.Of(sync.State),
        OrNull(sync.Code),
        OrNull(sync.Message),
        sync.DryRun,
        sync.ListKey,
        sync.Limit == 0 ? null : sync.Limit,
        sync.Rate,
        [.. sync.Mapping.Select(pair => new FieldMappingBody(pair.Column, pair.Field))],
        sync.Source,
        SyncCountsBody.Of(sync.Counts ?? new()),
        sync.Calls,
        sync.ContactsPerMinute,
        Time(sync.EstimatedEnd),
        Time(sync.WaitsUntil),
        Time(sync.CreatedAt),
        Time(sync.StartedAt),
        Time(sync.EndedAt),
        sync.UnmappedColumns);
}

/// <param name="Total">Rows of the source, as far as it is read.</param>
/// <param name="Processed">Those with an outcome; the sum of those below.</param>
/// <param name="Added">Not on the list before.</param>
/// <param name="Updated">On the list before, their fields were sent.</param>
/// <param name="Existing">On the list before, and there was nothing to send.</param>
/// <param name="Suppressed">Unsubscribed, bounced, reported as spam or on Do-Not-Mail: not pushed.</param>
/// <param name="Invalid">No usable mail address.</param>
/// <param name="Duplicate">An earlier row has the address.</param>
/// <param name="Errors">Zoho refuses them for good.</param>
internal sealed record SyncCountsBody(
    long Total, long Processed, long Added, long Updated, long Existing, long Suppressed, long Invalid, long Duplicate, long Errors)
{
    public static SyncCountsBody Of(SyncCounts counts) => new(
        counts.Total,
        counts.Processed,
        counts.Added,
        counts.Updated,
        counts.Existing,
        counts.Suppressed,
        counts.Invalid,
        counts.Duplicate,
        counts.Errors);
}

/// <summary>A page of jobs.</summary>
/// <param name="Syncs">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
internal sealed record SyncPage(IReadOnlyList<SyncBody> Syncs, string? NextPageToken);

/// <summary>What became of one row of the source.</summary>
/// <param name="Position">Of the row, from 1.</param>
/// <param name="Email">As the source has it; empty where it has none.</param>
/// <param name="Outcome">pending, added, updated, existing, suppressed, invalid, duplicate or error; in a dry run, what would happen.</param>
/// <param name="Code">What was wrong, machine-read; absent for a success.</param>
/// <param name="Message">The same in a sentence.</param>
/// <param name="At">When it was decided; absent while pending.</param>
internal sealed record SyncContactBody(long Position, string Email, string Outcome, string? Code, string? Message, DateTimeOffset? At)
{
    public static SyncContactBody Of(SyncContact contact) => new(
        contact.Position, contact.Email, ApiNames.Of(contact.Outcome), OrNull(contact.Code), OrNull(contact.Message), Time(contact.At));
}

/// <summary>A page of a job's ledger.</summary>
/// <param name="Contacts">In the source's order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
internal sealed record SyncContactPage(IReadOnlyList<SyncContactBody> Contacts, string? NextPageToken);

/// <summary>The data of an event.</summary>
/// <param name="Sync">The job now.</param>
/// <param name="Outcomes">Those since the event before, oldest first; at most 100, older ones are in the ledger.</param>
internal sealed record SyncEventBody(SyncBody Sync, IReadOnlyList<SyncContactBody> Outcomes)
{
    public static SyncEventBody Of(SyncEvent change) => new(SyncBody.Of(change.Sync), [.. change.Outcomes.Select(SyncContactBody.Of)]);
}

/// <summary>A file that a sync can use.</summary>
/// <param name="Id">Send it as source.upload_id of a sync.</param>
/// <param name="Name">As it was sent.</param>
/// <param name="Rows">Without the header line.</param>
/// <param name="Columns">Their names, in the file's order.</param>
/// <param name="ExpiresAt">Forgotten then, unless a sync uses it.</param>
internal sealed record UploadedSourceBody(string Id, string Name, long Rows, IReadOnlyList<string> Columns, DateTimeOffset? ExpiresAt)
{
    public static UploadedSourceBody Of(UploadedSource source) => new(
        source.Id, source.Name, source.Rows, source.Columns, Time(source.ExpiresAt));
}
