using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>An uploaded source that is kept until <paramref name="ExpiresAt"/>, and longer while a sync still reads it.</summary>
internal sealed record Upload(Guid Id, string Name, IReadOnlyList<string> Columns, long Rows, DateTimeOffset ExpiresAt);

/// <summary>
/// Keeps uploaded rows. They are written as they come, and nothing is held in the database between them, however slowly they come; an
/// upload is there once all of it is written. What breaks on the way is forgotten at once, and by a worker where its replica died.
/// </summary>
internal sealed partial class UploadStore(TenantDb<CampaignsDbContext> db, TimeProvider clock, ILogger<UploadStore> logger)
{
    /// <summary>The uploads of all tenants by when they are to be forgotten; ids and times only.</summary>
    public const string Queue = "upload_queue";

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    // from the last that was written of it on
    private static readonly TimeSpan UnfinishedFor = TimeSpan.FromHours(1);

    private static readonly TimeSpan AbandonLimit = TimeSpan.FromSeconds(5);

    private const int RowsPerWrite = 1_000;
    private const int BytesPerWrite = 4 * 1024 * 1024;

    // what short ones take as well, so that neither many uploads nor many rows fill the disk with little in them
    private const int BytesOfAnUpload = 64 * 1024;
    private const int BytesOfARow = 128;
    private const int BytesOfAColumn = 8;

    /// <summary>Writes every row of <paramref name="rows"/>, whose reader adds to <paramref name="columns"/> what it meets.</summary>
    /// <exception cref="SourceException">The source is broken or beyond a limit; nothing is kept.</exception>
    public async Task<Upload> AddAsync(
        Caller caller, string name, IAsyncEnumerable<SourceRow> rows, ColumnSet columns, CancellationToken cancellationToken)
    {
        var tenant = caller.Tenant;
        var now = clock.GetUtcNow();
        var (id, expiresAt) = (Guid.CreateVersion7(now), now + KeptFor);
        await BeginAsync(tenant, id, name, expiresAt, cancellationToken);
        try
        {
            var written = await WriteAllAsync(tenant, id, rows, cancellationToken);
            await EndAsync(caller, id, columns, written, expiresAt, cancellationToken);
            return new Upload(id, name, columns.Names, written, expiresAt);
        }
        catch
        {
            await AbandonAsync(tenant, id);
            throw;
        }
    }

    private async Task BeginAsync(TenantId tenant, Guid id, string name, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync(
            "INSERT INTO sync_uploads (tenant_id, id, name, columns, rows, bytes, expires_at) VALUES ($1, $2, $3, '{}', 0, 0, $4)",
            [tenant.Value, id, name, expiresAt],
            cancellationToken);
        await connection.RunAsync(
            "INSERT INTO upload_queue (tenant_id, id, due_at) VALUES ($1, $2, $3)",
            [tenant.Value, id, clock.GetUtcNow() + UnfinishedFor],
            cancellationToken);
        await CountAsync(connection, id, BytesOfAnUpload, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<long> WriteAllAsync(
        TenantId tenant, Guid id, IAsyncEnumerable<SourceRow> rows, CancellationToken cancellationToken)
    {
        var (written, pending, bytes, counted, read) = (0L, new List<string>(RowsPerWrite), 0, 0L, 0L);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (written + pending.Count == SourceLimits.Rows)
            {
                throw new SourceException(SourceFailures.TooManyRows);
            }

            var size = row.Columns.Sum(c => (long)Encoding.UTF8.GetByteCount(c.Key) + Encoding.UTF8.GetByteCount(c.Value));
            if (size > SourceLimits.RowBytes)
            {
                throw new SourceException(SourceFailures.RowTooLong(row.Line));
            }

            // of a file its reader has counted them; rows that come one by one have nobody else
            read += size;
            if (read > SourceLimits.Bytes)
            {
                throw new SourceException(SourceFailures.TooBig);
            }

            if (row.Columns.Any(c => c.Key.Contains('\0', StringComparison.Ordinal) || c.Value.Contains('\0', StringComparison.Ordinal)))
            {
                throw new SourceException(SourceFailures.Broken(row.Line, "a value holds a NUL character."));
            }

            pending.Add(JsonSerializer.Serialize(row.Columns));
            bytes += pending[^1].Length;
            counted += size + BytesOfARow + (BytesOfAColumn * row.Columns.Count);
            if (pending.Count == RowsPerWrite || bytes >= BytesPerWrite)
            {
                await WriteAsync(tenant, id, written, pending, counted, cancellationToken);
                (written, bytes, counted) = (written + pending.Count, 0, 0);
                pending.Clear();
            }
        }

        await WriteAsync(tenant, id, written, pending, counted, cancellationToken);
        return written + pending.Count is var all and > 0 ? all : throw new SourceException(SourceFailures.Empty);
    }

    private async Task EndAsync(
        Caller caller, Guid id, ColumnSet columns, long written, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync(
            "UPDATE sync_uploads SET columns = $2, rows = $3 WHERE id = $1", [id, columns.Names.ToArray(), written], cancellationToken);
        await ForgetAtAsync(connection, id, expiresAt, cancellationToken);
        context.Audit(AuditEntry.Of(
            caller, clock.GetUtcNow(), AuditActions.SourceUploaded, $"upload:{id}", new { rows = written, columns = columns.Names.Count }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // whoever sent it may be gone already
    private async Task AbandonAsync(TenantId tenant, Guid id)
    {
        using var limit = new CancellationTokenSource(AbandonLimit);
        try
        {
            await ForgetAsync(tenant, id, limit.Token);
        }
        catch (Exception e)
        {
            LogNotForgotten(id, tenant.Value, e.Message);
        }
    }

    public async Task<Upload?> FindAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT name, columns, rows, expires_at FROM sync_uploads WHERE id = $1 AND rows > 0", [id]);
        await using var found = await command.ExecuteReaderAsync(cancellationToken);
        return await found.ReadAsync(cancellationToken)
            ? new Upload(
                id, found.GetString(0), found.GetFieldValue<string[]>(1), found.GetInt64(2), found.GetFieldValue<DateTimeOffset>(3))
            : null;
    }

    /// <summary>Up to <paramref name="most"/> rows behind <paramref name="position"/>, each as a JSON object.</summary>
    public async Task<IReadOnlyList<(long Position, string Columns)>> ReadAsync(
        TenantId tenant, Guid id, long position, int most, CancellationToken cancellationToken)
    {
        var rows = new List<(long, string)>(most);
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT position, columns::text FROM sync_upload_rows WHERE upload_id = $1 AND position > $2 ORDER BY position LIMIT $3",
            [id, position, most]);
        await using var found = await command.ExecuteReaderAsync(cancellationToken);
        while (await found.ReadAsync(cancellationToken))
        {
            rows.Add((found.GetInt64(0), found.GetString(1)));
        }

        return rows;
    }

    /// <summary>Forgets an upload whose time is over. False while a sync has yet to read it.</summary>
    public async Task<bool> ForgetAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // QUEUED, PREPARING and PAUSED before it was read
        var isUsed = await connection.AskAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM syncs WHERE upload_id = $1 AND NOT source_read AND ended_at IS NULL)", [id], cancellationToken);
        if (isUsed)
        {
            return false;
        }

        await connection.RunAsync("DELETE FROM sync_uploads WHERE id = $1", [id], cancellationToken);
        await connection.RunAsync("DELETE FROM upload_queue WHERE id = $1", [id], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task WriteAsync(
        TenantId tenant, Guid id, long written, List<string> rows, long counted, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CountAsync(connection, id, counted, cancellationToken);
        // COPY would be the natural way, but PostgreSQL has none into tables under row level security
        await connection.RunAsync(
            """
            INSERT INTO sync_upload_rows (tenant_id, upload_id, position, columns)
            SELECT $1, $2, $3 + r.number, r.columns::jsonb FROM unnest($4) WITH ORDINALITY AS r (columns, number)
            """,
            [tenant.Value, id, written, new NpgsqlParameter { Value = rows.ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }],
            cancellationToken);
        await ForgetAtAsync(connection, id, clock.GetUtcNow() + UnfinishedFor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // without a lock: uploads that run at the same moment are over by one write each at most, and found out with the next
    private async Task CountAsync(NpgsqlConnection connection, Guid id, long bytes, CancellationToken cancellationToken)
    {
        await connection.RunAsync("UPDATE sync_uploads SET bytes = bytes + $2 WHERE id = $1", [id, bytes], cancellationToken);
        var all = await connection.AskAsync<long>("SELECT sum(bytes)::bigint FROM sync_uploads", [], cancellationToken);
        if (all > SourceLimits.BytesOfATenant)
        {
            var now = clock.GetUtcNow();
            var oldestEnds = await connection.AskAsync<DateTime?>(
                "SELECT min(expires_at) FROM sync_uploads WHERE expires_at > $1 AND id <> $2", [now, id], cancellationToken);
            throw new SourceException(SourceFailures.UploadsFull(oldestEnds, now));
        }
    }

    private static Task<int> ForgetAtAsync(NpgsqlConnection connection, Guid id, DateTimeOffset at, CancellationToken cancellationToken) =>
        connection.RunAsync("UPDATE upload_queue SET due_at = $2 WHERE id = $1", [id, at], cancellationToken);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Upload {UploadId} of tenant {TenantId} is broken and goes when its time is over ({Reason})")]
    private partial void LogNotForgotten(Guid uploadId, Guid tenantId, string reason);
}
