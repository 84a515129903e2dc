using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>A sync as it is kept: what was asked for, how far it has come, and what stands in its way.</summary>
internal sealed class SyncRow
{
    /// <summary>What the audit calls it.</summary>
    public string AuditSubject => $"sync:{Id}";

    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string? IdempotencyKey { get; init; }

    /// <summary>Keyed hash of the request, to tell a repeated one from another one under the same idempotency key.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>For people, without anything secret.</summary>
    public required string Source { get; init; }

    public Guid? UploadId { get; init; }

    /// <summary>With the two below a <see cref="TableQuery"/>; null for an upload.</summary>
    public string? TableRows { get; init; }

    public string? KeyColumn { get; init; }

    public string? KeyType { get; init; }

    public static SealedColumn Connections { get; } = new("syncs", "sealed_connection", "id::text", "connection_string");

    public static SecretPlace ConnectionOf(TenantId tenant, Guid id) => new(tenant, id.ToString(), Connections.Field);

    /// <summary>A table source's connection string, sealed for this sync; null once the source is read or the sync has ended.</summary>
    public byte[]? SealedConnection { get; init; }

    public required string ListKey { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>Rows of the source that are read; 0 for all.</summary>
    public required long RowLimit { get; init; }

    /// <summary>Calls a minute.</summary>
    public required int Rate { get; init; }

    /// <summary>JSON of <see cref="FieldLink"/>s.</summary>
    public required string Mapping { get; init; }

    public required string[] Unmapped { get; init; }

    /// <summary>JSON of <see cref="RowFilter"/>s.</summary>
    public required string Filters { get; init; }

    public required string[] IgnoredColumns { get; init; }

    /// <summary>Those that look like consent, of which nothing was said; none where contacts are pushed.</summary>
    public required string[] ConsentColumns { get; init; }

    /// <summary>Why people who unsubscribed are pushed, too; null where they are not.</summary>
    public string? ConsentReason { get; init; }

    /// <summary>Who said so.</summary>
    public string? ConsentBy { get; init; }

    /// <summary>Who made it, as the audit names callers.</summary>
    public required string CreatedBy { get; init; }

    public required SyncState State { get; init; }

    /// <summary>The ledger is complete and compared with the list: what is left is pushing.</summary>
    public bool Prepared { get; init; }

    public bool FieldsChecked { get; init; }

    /// <summary>Key, or position in the upload, of the last row in the ledger.</summary>
    public string? SourceKey { get; init; }

    public bool SourceRead { get; init; }

    /// <summary>The list is to be known as it was then, or later; null before it is waited for.</summary>
    public DateTimeOffset? ListAskedAt { get; init; }

    public string? Code { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? WaitsUntil { get; init; }

    /// <summary>Tries in a row that came to nothing.</summary>
    public int Failures { get; init; }

    /// <summary>Rows of an upload or, as they are read, of a table.</summary>
    public required long Total { get; init; }

    public long Added { get; init; }

    public long Updated { get; init; }

    public long Existing { get; init; }

    public long Suppressed { get; init; }

    public long Invalid { get; init; }

    public long Duplicate { get; init; }

    public long Errors { get; init; }

    /// <summary>Left out by a filter.</summary>
    public long Filtered { get; init; }

    /// <summary>Mailed by Zoho, and on the list once they have confirmed.</summary>
    public long ConfirmationSent { get; init; }

    /// <summary>Who is new to the list gets a mail of Zoho's, and is on it once they have confirmed; known once the fields are checked.</summary>
    public bool SendsConfirmations { get; init; }

    /// <summary>
    /// Ten addresses a call. Not where the list has a sign-up form: only the method for one contact says that it was mailed, and not listed.
    /// </summary>
    public bool GoesInBulk => Fields.IsAddressOnly && !SendsConfirmations;

    /// <summary>The connection through which Zoho is called; null before.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>Whose account that opens, for people.</summary>
    public string? AccountName { get; init; }

    public long Calls { get; init; }

    public double ContactsPerMinute { get; init; }

    /// <summary>Grows with every change.</summary>
    public long Event { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>It is being deleted, and nobody sees it any more.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    public FieldMap Fields => new(JsonSerializer.Deserialize<FieldLink[]>(Mapping)!);

    public IReadOnlyList<RowFilter> RowFilters => JsonSerializer.Deserialize<RowFilter[]>(Filters)!;

    public TableQuery? Table => TableRows is null ? null : new TableQuery(TableRows, KeyColumn!, KeyType!);

    public bool HasEnded => State is SyncState.Completed or SyncState.Cancelled or SyncState.Failed;

    private long Processed => Added + Updated + Existing + Suppressed + Invalid + Duplicate + Errors + Filtered + ConfirmationSent;

    public Wire.Sync ToWire(DateTimeOffset now)
    {
        var isMoving = State is SyncState.Running && WaitsUntil is null && ContactsPerMinute > 0;
        return new Wire.Sync
        {
            Id = Id.ToString(),
            State = State,
            Code = Code ?? "",
            Message = Message ?? "",
            DryRun = DryRun,
            ListKey = ListKey,
            Limit = RowLimit,
            Rate = Rate,
            Mapping = { Fields.Links.Select(link => new FieldMapping { Column = link.Column, Field = link.Field }) },
            Source = Source,
            Counts = new SyncCounts
            {
                Total = Total,
                Processed = Processed,
                Added = Added,
                Updated = Updated,
                Existing = Existing,
                Suppressed = Suppressed,
                Invalid = Invalid,
                Duplicate = Duplicate,
                Errors = Errors,
                Filtered = Filtered,
                ConfirmationSent = ConfirmationSent,
            },
            SendsConfirmations = SendsConfirmations,
            ConnectionId = ConnectionId ?? "",
            AccountName = AccountName ?? "",
            CreatedBy = CreatedBy,
            Calls = Calls,
            ContactsPerMinute = ContactsPerMinute,
            EtaAt = isMoving ? (now + TimeSpan.FromMinutes((Total - Processed) / ContactsPerMinute)).ToTimestamp() : null,
            ResumesAt = WaitsUntil?.ToTimestamp(),
            CreatedAt = CreatedAt.ToTimestamp(),
            StartedAt = StartedAt?.ToTimestamp(),
            EndedAt = EndedAt?.ToTimestamp(),
            ExpiresAt = DryRun ? (EndedAt + SyncExpiry.DryRunsFor)?.ToTimestamp() : null,
            UnmappedColumns = { Unmapped },
            Filters = { RowFilters.Select(filter => new Wire.RowFilter { Column = filter.Column, Values = { filter.Values } }) },
            IgnoredColumns = { IgnoredColumns },
            ConsentColumns = { ConsentColumns },
        };
    }
}
