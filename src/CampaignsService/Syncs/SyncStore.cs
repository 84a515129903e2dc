using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>Creates syncs and reads them back. What people ask of one later is among <see cref="SyncTransitions"/>.</summary>
internal sealed class SyncStore(
    TenantDb<CampaignsDbContext> db,
    SettingsStore settings,
    FeatureAccess access,
    KnownLists lists,
    UploadStore uploads,
    TableRows tables,
    Seals seals,
    TimeProvider clock)
{
    public const int DefaultRate = 170;

    private const string Purpose = "campaigns.sync";

    /// <summary>
    /// Checks everything that can be known now and stores the sync, or answers with what the same idempotency key stored before. The work
    /// begins by itself.
    /// </summary>
    public async Task<Result<SyncRow>> CreateAsync(Caller caller, CreateSyncRequest request, CancellationToken cancellationToken)
    {
        var hash = await HashAsync(caller.Tenant, request, cancellationToken);
        if (request.IdempotencyKey.Length > 0
            && await FindByKeyAsync(caller.Tenant, request.IdempotencyKey, hash, cancellationToken) is { } earlier)
        {
            return earlier;
        }

        var listKey = request.ListKey.Length > 0 ? request.ListKey : await settings.ListKeyAsync(caller.Tenant, cancellationToken);
        if (listKey is null)
        {
            return SettingsFailures.ListKeyMissing;
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (!(await FindSourceAsync(caller.Tenant, id, request.Source, cancellationToken)).Succeeded(out var source, out var failure)
            || !FieldMap.For([.. request.Mapping.Select(m => new FieldLink(m.Column, m.Field.Trim()))], source.Columns)
                .Succeeded(out var map, out failure)
            || !RowFilters.For(
                [.. request.Filters.Select(filter => new RowFilter(filter.Column, [.. filter.Values.Select(value => value.Trim())]))],
                request.IgnoredColumns,
                source.Columns,
                map.Unmapped(source.Columns)).Succeeded(out var filters, out failure))
        {
            return failure;
        }

        if (!request.DryRun && filters.Open is { } open)
        {
            return open;
        }

        // without a connection, and while Zoho does not answer, it waits for that first
        if ((await access.ForAsync(caller.Tenant, Purpose, cancellationToken)).Succeeded(out var call, out _)
            && await lists.IsMissingAsync(call, listKey, cancellationToken))
        {
            return request.ListKey.Length > 0
                ? CampaignsFailures.ListNotFound with { Field = "list_key" }
                : CampaignsFailures.ListNotFound with { Kind = FailureKind.Precondition };
        }

        var row = new SyncRow
        {
            TenantId = caller.Tenant,
            Id = id,
            IdempotencyKey = request.IdempotencyKey.Length > 0 ? request.IdempotencyKey : null,
            RequestHash = hash,
            Source = source.Name,
            UploadId = source.UploadId,
            TableRows = source.Table?.Rows,
            KeyColumn = source.Table?.KeyColumn,
            KeyType = source.Table?.KeyType,
            SealedConnection = source.SealedConnection,
            ListKey = listKey,
            DryRun = request.DryRun,
            RowLimit = request.Limit,
            Rate = request.Rate == 0 ? DefaultRate : request.Rate,
            Mapping = JsonSerializer.Serialize(map.Links),
            Unmapped = [.. map.Unmapped(source.Columns)],
            Filters = JsonSerializer.Serialize(filters.Filters),
            IgnoredColumns = [.. filters.Ignored],
            ConsentColumns = [.. filters.Unanswered],
            ConsentReason = request.Consent is { Resubscribe: true } consent ? consent.Reason.Trim() : null,
            ConsentBy = request.Consent is { Resubscribe: true } ? caller.Subject : null,
            CreatedBy = caller.Subject,
            State = SyncState.Queued,
            Event = 1,
            Total = source.Rows is { } rows && request.Limit > 0 ? Math.Min(rows, request.Limit) : source.Rows ?? 0,
            CreatedAt = now,
        };
        try
        {
            if (await AddAsync(caller, row, cancellationToken) is { } full)
            {
                return full;
            }
        }
        catch (DbUpdateException e) when (row.IdempotencyKey is not null
            && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // a call with the same key was faster
            return await FindByKeyAsync(caller.Tenant, row.IdempotencyKey, hash, cancellationToken)
                ?? throw new InvalidOperationException("A sync's idempotency key is taken, but by none.", e);
        }

        return row;
    }

    public async Task<SyncRow?> FindAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Syncs.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
    }

    /// <summary>Newest first, those that come after <paramref name="after"/>.</summary>
    public async Task<(IReadOnlyList<SyncRow> Page, int Total)> ListAsync(
        TenantId tenant, SyncFilter filter, Guid? after, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = context.Syncs.AsNoTracking();
        if (filter.State is not SyncState.Unspecified)
        {
            rows = rows.Where(s => s.State == filter.State);
        }

        if (filter.Source is { } source)
        {
            var pattern = LikePattern.Of(source);
            rows = rows.Where(s => EF.Functions.ILike(s.Source, pattern, LikePattern.Escape));
        }

        if (filter.CreatedBy is { } by)
        {
            rows = rows.Where(s => s.CreatedBy == by);
        }

        // a tenant has some hundred
        var total = await rows.CountAsync(cancellationToken);
        if (after is { } last)
        {
            rows = filter.OldestFirst ? rows.Where(s => s.Id > last) : rows.Where(s => s.Id < last);
        }

        rows = filter.OldestFirst ? rows.OrderBy(s => s.Id) : rows.OrderByDescending(s => s.Id);
        return (await rows.Take(count).ToListAsync(cancellationToken), total);
    }

    /// <summary>Somebody takes all of its contacts away.</summary>
    public async Task NoteExportAsync(Caller caller, SyncRow sync, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.ContactsExported, sync.AuditSubject, new { rows = sync.Total }));
        await context.SaveChangesAsync(cancellationToken);
    }

    private async Task<Failure?> AddAsync(Caller caller, SyncRow row, CancellationToken cancellationToken)
    {
        await using var context = db.For(row.TenantId);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // two that are made at once do not both find room for the last one
        await context.LockAsync($"syncs of {row.TenantId}", cancellationToken);
        if (await context.Syncs.CountAsync(cancellationToken) >= SyncLimits.OfATenant)
        {
            return SyncFailures.SyncsFull;
        }

        // how many rows a table has is known when it is read
        if (await SyncLimits.RowsKeptAsync(context, except: row.Id, cancellationToken) + Math.Max(row.Total, 1) > SyncLimits.RowsOfATenant)
        {
            return SyncFailures.LedgersFull;
        }

        context.Syncs.Add(row);
        context.Audit(EntriesOf(caller, row));
        await context.SaveChangesAsync(cancellationToken);
        await SyncQueue.AddAsync(await context.OpenAsync(cancellationToken), row.TenantId, row.Id, row.CreatedAt, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    // the reason is a person's words, which may name somebody: it stays with the sync
    private static List<AuditEntry> EntriesOf(Caller caller, SyncRow row)
    {
        var created = AuditEntry.Of(caller, row.CreatedAt, AuditActions.SyncCreated, row.AuditSubject, new
        {
            source = row.UploadId is { } upload ? $"upload:{upload}" : "table",
            row.ListKey,
            row.DryRun,
            limit = row.RowLimit,
            row.Rate,
        });
        return row.ConsentBy is null
            ? [created]
            : [created, AuditEntry.Of(caller, row.CreatedAt, AuditActions.ConsentOverridden, row.AuditSubject, new { row.ListKey })];
    }

    private async Task<Result<SyncRow>?> FindByKeyAsync(
        TenantId tenant, string idempotencyKey, byte[] hash, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var row = await context.Syncs.AsNoTracking().SingleOrDefaultAsync(s => s.IdempotencyKey == idempotencyKey, cancellationToken);
        return row is null ? null
            : row.RequestHash.AsSpan().SequenceEqual(hash) ? row
            : SyncFailures.KeyReused;
    }

    private async Task<Result<Found>> FindSourceAsync(TenantId tenant, Guid id, SyncSource? source, CancellationToken cancellationToken)
    {
        if (source?.Table is { } table)
        {
            var look = await tables.LookAsync(table.ConnectionString, table.Table, table.Query, table.KeyColumn, cancellationToken);
            return look.Succeeded(out var found, out var failure)
                ? new Found(found.Name, found.Columns, null, null, found.Query, seals.Seal(SyncRow.ConnectionOf(tenant, id), table.ConnectionString))
                : failure;
        }

        return Guid.TryParse(source?.UploadId, out var uploadId)
            && await uploads.FindAsync(tenant, uploadId, cancellationToken) is { } upload
            ? new Found(upload.Name, upload.Columns, upload.Rows, upload.Id, null, null)
            : SyncFailures.UploadNotFound;
    }

    // with the tenant's key: the request holds a password, and a plain hash of it could be tried out
    private async Task<byte[]> HashAsync(TenantId tenant, CreateSyncRequest request, CancellationToken cancellationToken)
    {
        var content = request.Clone();
        content.IdempotencyKey = "";
        await using var context = db.For(tenant);
        return HMACSHA256.HashData(await SettingsStore.SubjectKeyAsync(context, cancellationToken), content.ToByteArray());
    }

    private sealed record Found(
        string Name, IReadOnlyList<string> Columns, long? Rows, Guid? UploadId, TableQuery? Table, byte[]? SealedConnection);
}
