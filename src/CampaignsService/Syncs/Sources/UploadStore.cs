using System.Globalization;
using System.Text;
using Npgsql;
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

    // what a small one takes as well, so that many of them do not fill the disk with little in them
    private const int BytesOfAnUpload = 64 * 1024;
    private const int BytesOfAPack = 256;

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
            var written = await WriteAllAsync(tenant, id, rows, columns, cancellationToken);
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
        TenantId tenant, Guid id, IAsyncEnumerable<SourceRow> rows, ColumnSet columns, CancellationToken cancellationToken)
    {
        var (written, read, pack) = (0L, 0L, new RowPack(columns));
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (written + pack.Rows == SourceLimits.Rows)
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

            pack.Add(row);
            if (pack.IsFull)
            {
                written += pack.Rows;
                await WriteAsync(tenant, id, written, pack.Rows, pack.Take(), cancellationToken);
            }
        }

        if (pack.Rows > 0)
        {
            written += pack.Rows;
            await WriteAsync(tenant, id, written, pack.Rows, pack.Take(), cancellationToken);
        }

        return written > 0 ? written : throw new SourceException(SourceFailures.Empty);
    }

    private async Task EndAsync(
        Caller caller, Guid id, ColumnSet columns, long written, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await CountAsync(connection, id, columns.Names.Sum(Encoding.UTF8.GetByteCount), cancellationToken);
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

    /// <summary>Up to <paramref name="most"/> rows behind <paramref name="position"/>, each under its own.</summary>
    public async Task<TablePage> ReadAsync(TenantId tenant, Guid id, long position, int most, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        // the pack that the next row is in: by the primary key, whose position is the last of each
        await using var command = connection.Command(
            """
            SELECT p.position, p.rows, p.content, u.columns, u.rows
            FROM sync_upload_packs p JOIN sync_uploads u ON u.tenant_id = p.tenant_id AND u.id = p.upload_id
            WHERE p.upload_id = $1 AND p.position > $2 ORDER BY p.position LIMIT 1
            """,
            [id, position]);
        await using var found = await command.ExecuteReaderAsync(cancellationToken);
        if (!await found.ReadAsync(cancellationToken))
        {
            return new TablePage([], IsLast: true);
        }

        var first = found.GetInt64(0) - found.GetInt32(1) + 1;
        var rows = RowPack.Open(found.GetFieldValue<byte[]>(2), found.GetFieldValue<string[]>(3))
            .Select((columns, i) => (Position: first + i, Columns: columns))
            .Where(row => row.Position > position)
            .Take(most)
            .ToList();
        return new TablePage(
            [.. rows.Select(row => (row.Position.ToString(CultureInfo.InvariantCulture), row.Columns))],
            IsLast: rows.Count == 0 || rows[^1].Position == found.GetInt64(4));
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

    private async Task WriteAsync(TenantId tenant, Guid id, long last, int rows, byte[] pack, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CountAsync(connection, id, pack.Length + BytesOfAPack, cancellationToken);
        await connection.RunAsync(
            "INSERT INTO sync_upload_packs (tenant_id, upload_id, position, rows, content) VALUES ($1, $2, $3, $4, $5)",
            [tenant.Value, id, last, rows, pack],
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
