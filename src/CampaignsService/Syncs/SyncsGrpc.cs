using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// The Syncs contract: checks what was sent and who sent it. Reading needs the role viewer, syncing operator; tables as a source,
/// pushing people who have unsubscribed and deleting need admin.
/// </summary>
internal sealed class SyncsGrpc(
    SyncStore store,
    SyncTransitions transitions,
    SyncLedger ledger,
    UploadStore uploads,
    SyncFeed feed,
    AuditedReads reads,
    IHostApplicationLifetime host,
    TimeProvider clock) : Wire.Syncs.SyncsBase
{
    private const int MaxText = 200;
    private const int MaxQuery = 20_000;
    private const int MaxRate = 2_000;
    private const int MaxFilters = 20;
    private const int MaxFilterValues = 100;
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int DefaultContacts = 100;
    private const int MaxContacts = 1_000;
    private const int OutcomesAtOnce = 100;

    // many changes at once are one look
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    // a signal can be lost
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan UploadPauseLimit = TimeSpan.FromMinutes(1);

    private static readonly Failure Stalled = new(
        FailureKind.Unavailable, "upload_stalled", "Nothing of the upload came for a minute; nothing is kept. Send it again.");

    private static readonly Failure TooManyStreams = new(
        FailureKind.RateLimited,
        "too_many_streams",
        $"This tenant has {SyncFeed.MostOfATenant} streams of syncs open, or all tenants together have too many: close those that nobody "
            + "reads.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };

    public override async Task<Wire.UploadedSource> UploadSource(
        IAsyncStreamReader<Wire.UploadSourceRequest> requestStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var cancellationToken = context.CancellationToken;
        if (!await NextAsync(requestStream, cancellationToken) || requestStream.Current.Header is not { } header)
        {
            throw Failure.InvalidField("header", "header is missing: it must be the first message of an upload.").ToRpcException();
        }

        var name = header.Name.Length > 0 ? Text("name", header.Name, MaxText) : "upload";
        var columns = new ColumnSet();
        try
        {
            await using var bytes = new UploadBytes(ChunksAsync(requestStream, cancellationToken), cancellationToken);
            var rows = header.Format switch
            {
                Wire.UploadHeader.Types.Format.Csv => CsvRows.ReadAsync(bytes, columns, cancellationToken),
                Wire.UploadHeader.Types.Format.Ndjson => NdjsonRows.ReadAsync(bytes, columns, cancellationToken),
                Wire.UploadHeader.Types.Format.Rows => RowsAsync(requestStream, columns, cancellationToken),
                _ => throw Failure.InvalidField("format", "format must be csv, ndjson or rows.").ToRpcException(),
            };
            var upload = await uploads.AddAsync(caller, name, rows, columns, cancellationToken);
            return new Wire.UploadedSource
            {
                Id = upload.Id.ToString(),
                Name = upload.Name,
                Rows = upload.Rows,
                Columns = { upload.Columns },
                ExpiresAt = upload.ExpiresAt.ToTimestamp(),
            };
        }
        catch (SourceException e)
        {
            throw e.Failure.ToRpcException();
        }
    }

    public override async Task<Wire.Sync> CreateSync(Wire.CreateSyncRequest request, ServerCallContext context)
    {
        var needsAdmin = request.Source?.Table is not null || request.Consent is { Resubscribe: true };
        var caller = context.CallerWith(needsAdmin ? Role.Admin : Role.Operator);
        Check(request);
        return Answer(await store.CreateAsync(caller, request, context.CancellationToken));
    }

    public override async Task<Wire.Sync> GetSync(Wire.GetSyncRequest request, ServerCallContext context) =>
        (await FindAsync(context, request.Id)).ToWire(clock.GetUtcNow());

    public override async Task<Wire.ListSyncsResponse> ListSyncs(Wire.ListSyncsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        var page = PageRequest.Of(request.PageSize, request.PageToken, DefaultPage, MaxPage);
        if (!System.Enum.IsDefined(request.State))
        {
            throw Failure.InvalidField("state", "state is not a state of a sync.").ToRpcException();
        }

        var filter = new SyncFilter(
            request.State,
            Text("source", request.Source, MaxText) is { Length: > 0 } source ? source : null,
            Text("created_by", request.CreatedBy, MaxText) is { Length: > 0 } by ? by : null,
            ListOrder.IsAscending(request.OrderBy, "created_at"));
        var (found, total) = await store.ListAsync(tenant, filter, page.AfterId, page.ToRead, context.CancellationToken);
        return new Wire.ListSyncsResponse
        {
            Syncs = { page.Take(found).Select(sync => sync.ToWire(clock.GetUtcNow())) },
            NextPageToken = page.Next(found, sync => PageRequest.TokenOf(sync.Id)),
            Total = total,
        };
    }

    public override async Task WatchSync(
        Wire.WatchSyncRequest request, IServerStreamWriter<Wire.SyncEvent> responseStream, ServerCallContext context)
    {
        var (caller, id) = (context.CallerWith(Role.Viewer), Id(request.Id));
        using var watcher = feed.TryWatch(caller.Tenant, id) ?? throw TooManyStreams.ToRpcException();
        // not an end without a word: that one says that the sync has ended
        using var life = new StreamLife(context, host, clock);
        await life.RunAsync(end => WatchAsync(caller, id, request.AfterEvent, watcher, responseStream, end));
    }

    private async Task WatchAsync(
        Caller caller,
        Guid id,
        long seen,
        SignalFeed.Watcher watcher,
        IServerStreamWriter<Wire.SyncEvent> stream,
        CancellationToken cancellationToken)
    {
        var (tenant, isFirst) = (caller.Tenant, true);
        while (true)
        {
            var sync = await store.FindAsync(tenant, id, cancellationToken) ?? throw SyncFailures.NotFound.ToRpcException();
            if (isFirst || sync.Event > seen)
            {
                var message = new Wire.SyncEvent { Number = sync.Event, Sync = sync.ToWire(clock.GetUtcNow()) };
                if (seen >= 0)
                {
                    message.Outcomes.AddRange(
                        await ledger.SinceAsync(tenant, id, seen, sync.Event, OutcomesAtOnce, cancellationToken));
                }

                if (message.Outcomes.Count > 0)
                {
                    await reads.NoteAsync(caller, AuditActions.ContactsRead, sync.AuditSubject, cancellationToken);
                }

                await stream.WriteAsync(message, cancellationToken);
                (seen, isFirst) = (sync.Event, false);
            }

            if (sync.HasEnded)
            {
                return;
            }

            await watcher.PauseAsync(BetweenLooks, clock, cancellationToken);
            await watcher.WaitAsync(LookAgainAfter, clock, cancellationToken);
        }
    }

    public override async Task<Wire.Sync> PauseSync(Wire.PauseSyncRequest request, ServerCallContext context) => Answer(
        await transitions.PauseAsync(context.CallerWith(Role.Operator), Id(request.Id), context.CancellationToken));

    public override async Task<Wire.Sync> ResumeSync(Wire.ResumeSyncRequest request, ServerCallContext context) => Answer(
        await transitions.ResumeAsync(context.CallerWith(Role.Operator), Id(request.Id), context.CancellationToken));

    public override async Task<Wire.Sync> CancelSync(Wire.CancelSyncRequest request, ServerCallContext context) => Answer(
        await transitions.CancelAsync(context.CallerWith(Role.Operator), Id(request.Id), context.CancellationToken));

    public override async Task<Wire.DeleteSyncResponse> DeleteSync(Wire.DeleteSyncRequest request, ServerCallContext context)
    {
        (await transitions.DeleteAsync(context.CallerWith(Role.Admin), Id(request.Id), context.CancellationToken)).OrThrow();
        return new Wire.DeleteSyncResponse();
    }

    public override async Task<Wire.ListSyncContactsResponse> ListSyncContacts(
        Wire.ListSyncContactsRequest request, ServerCallContext context)
    {
        var sync = await FindAsync(context, request.Id);
        var page = PageRequest.Of(request.PageSize, request.PageToken, DefaultContacts, MaxContacts);
        if (!System.Enum.IsDefined(request.Outcome))
        {
            throw Failure.InvalidField("outcome", "outcome is not an outcome of a contact.").ToRpcException();
        }

        var found = await ledger.PageAsync(
            sync.TenantId, sync.Id, request.Outcome, page.AfterNumber ?? 0, page.ToRead, context.CancellationToken);
        await reads.NoteAsync(context.Caller, AuditActions.ContactsRead, sync.AuditSubject, context.CancellationToken);
        return new Wire.ListSyncContactsResponse
        {
            Contacts = { page.Take(found) },
            NextPageToken = page.Next(found, contact => PageRequest.TokenOf(contact.Position)),
        };
    }

    public override async Task ExportSyncContacts(
        Wire.ExportSyncContactsRequest request, IServerStreamWriter<Wire.SyncContact> responseStream, ServerCallContext context)
    {
        var sync = await FindAsync(context, request.Id);
        // before the first of them leaves
        await store.NoteExportAsync(context.Caller, sync, context.CancellationToken);
        await foreach (var contact in ledger.AllAsync(sync.TenantId, sync.Id, context.CancellationToken))
        {
            await responseStream.WriteAsync(contact, context.CancellationToken);
        }
    }

    private static void Check(Wire.CreateSyncRequest request)
    {
        if (request.Limit < 0)
        {
            throw Failure.InvalidField("limit", "limit must be a number of rows, or left out for all.").ToRpcException();
        }

        if (request.Rate is < 0 or > MaxRate)
        {
            throw Failure.InvalidField(
                "rate", $"rate must be 1 to {MaxRate} calls a minute, or left out for {SyncStore.DefaultRate}.").ToRpcException();
        }

        if (request.Mapping.Count > SourceLimits.Columns)
        {
            throw Failure.InvalidField("mapping", $"mapping has more than {SourceLimits.Columns} columns.").ToRpcException();
        }

        // a NUL is no character of PostgreSQL's
        if (request.Mapping.Any(link => link.Column.Length > SourceLimits.ColumnName || link.Field.Length > MaxText
            || link.Field.Contains('\0', StringComparison.Ordinal)))
        {
            throw Failure.InvalidField(
                "mapping",
                $"mapping holds a name that is too long, or a NUL: a column has at most {SourceLimits.ColumnName} characters, a field {MaxText}.")
                .ToRpcException();
        }

        if (request.Filters.Count > MaxFilters || request.Filters.Any(filter => filter.Values.Count > MaxFilterValues
            || filter.Column.Length > SourceLimits.ColumnName
            || filter.Values.Any(value => value.Length > MaxText || value.Contains('\0', StringComparison.Ordinal))))
        {
            throw Failure.InvalidField(
                "filters",
                $"filters must be at most {MaxFilters}, each with at most {MaxFilterValues} values of {MaxText} characters, none of them NUL.").ToRpcException();
        }

        if (request.IgnoredColumns.Count > SourceLimits.Columns
            || request.IgnoredColumns.Any(column => column.Length > SourceLimits.ColumnName))
        {
            throw Failure.InvalidField(
                "ignored_columns", $"ignored_columns must be columns of the source, {SourceLimits.Columns} at most.").ToRpcException();
        }

        if (request.Consent is { Resubscribe: true } consent && !ConsentReason.IsGood(consent.Reason))
        {
            throw Failure.InvalidField("consent.reason", $"consent.reason must {ConsentReason.Rule}. It stays with the sync.").ToRpcException();
        }

        if (request.Consent is { Resubscribe: false, Reason.Length: > 0 })
        {
            throw Failure.InvalidField(
                "consent.resubscribe",
                "consent.resubscribe must be true where there is a consent.reason: without it nobody is brought back who has left. Leave both out for that.")
                .ToRpcException();
        }

        Text("list_key", request.ListKey, MaxText);
        Text("idempotency_key", request.IdempotencyKey, MaxText);
        switch (request.Source)
        {
            case { Table: { } table }:
                if (table.RowsCase is Wire.TableSource.RowsOneofCase.None || table.ConnectionString.Length == 0)
                {
                    throw Failure.InvalidField(
                        "source", "source.table needs a connection_string, and a table or a query.").ToRpcException();
                }

                if (table.Query.Length > MaxQuery || table.ConnectionString.Length > MaxQuery)
                {
                    throw Failure.InvalidField(
                        "source.table.query", $"source.table.query and .connection_string must have at most {MaxQuery} characters each.").ToRpcException();
                }

                Text("source.table.key_column", table.KeyColumn, MaxText);
                break;
            case { UploadId.Length: > 0 }:
                break;
            default:
                throw Failure.InvalidField("source", "source is missing: send an upload_id or a table.").ToRpcException();
        }
    }

    private static string Text(string field, string text, int most) => text.Length <= most && !text.Any(ShownText.IsHidden)
        ? text
        : throw Failure.InvalidField(
            field, $"{field} must have at most {most} characters, {ShownText.Rule}.").ToRpcException();

    private static Guid Id(string id) => Guid.TryParse(id, out var parsed) ? parsed : throw SyncFailures.NotFound.ToRpcException();

    private async IAsyncEnumerable<ByteString> ChunksAsync(
        IAsyncStreamReader<Wire.UploadSourceRequest> stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await NextAsync(stream, cancellationToken))
        {
            yield return stream.Current.PartCase is Wire.UploadSourceRequest.PartOneofCase.Chunk
                ? stream.Current.Chunk
                : throw Failure.InvalidField("chunk", "Behind the header of a file come its chunks.").ToRpcException();
        }
    }

    private async IAsyncEnumerable<SourceRow> RowsAsync(
        IAsyncStreamReader<Wire.UploadSourceRequest> stream, ColumnSet columns,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        while (await NextAsync(stream, cancellationToken))
        {
            if (stream.Current.Row is not { } row)
            {
                throw Failure.InvalidField("row", "Behind a header that says rows come rows.").ToRpcException();
            }

            foreach (var name in row.Columns.Keys)
            {
                columns.Add(name);
            }

            yield return new SourceRow(++number, new Dictionary<string, string>(row.Columns, StringComparer.Ordinal));
        }
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<Wire.UploadSourceRequest> stream, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(UploadPauseLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancellationToken);
        try
        {
            // ended, not left alone: the server reuses a call's pipe, and a read that outlived it would take from another call
            return await stream.MoveNext(either.Token);
        }
        catch (OperationCanceledException) when (pause.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Stalled.ToRpcException();
        }
    }

    private async Task<SyncRow> FindAsync(ServerCallContext context, string id) =>
        await store.FindAsync(context.CallerWith(Role.Viewer).Tenant, Id(id), context.CancellationToken)
            ?? throw SyncFailures.NotFound.ToRpcException();

    private Wire.Sync Answer(Result<SyncRow> result) =>
        result.OrThrow().ToWire(clock.GetUtcNow());
}
