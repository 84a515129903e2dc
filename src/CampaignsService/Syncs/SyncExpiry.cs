using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// Deletes syncs with their ledgers: dry runs a day after they ended, those that somebody deleted, and those that are kept no longer. A million rows take a while, so it is
/// done in the background, some thousand at a time, and goes on where it was cut off.
/// </summary>
internal sealed class SyncExpiry(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    /// <summary>The syncs of all tenants that are to be deleted, by when; ids and times only.</summary>
    public const string Queue = "sync_expiry";

    public static readonly TimeSpan DryRunsFor = TimeSpan.FromDays(1);

    private const int RowsAtOnce = 5_000;

    // of whoever's connection it is: the queues know all tenants
    private const string OfTenant = "tenant_id = current_setting('app.tenant_id')::uuid";

    /// <summary>A sync has ended; in the transaction that ends it. Nothing is noted of one that is no dry run.</summary>
    public static Task NoteEndAsync(NpgsqlConnection connection, Guid id, DateTimeOffset endedAt, CancellationToken cancellationToken) =>
        connection.RunAsync(
            $"""
            INSERT INTO {Queue} (tenant_id, id, due_at) SELECT tenant_id, id, $2 FROM syncs WHERE id = $1 AND dry_run
            ON CONFLICT (tenant_id, id) DO NOTHING
            """,
            [id, endedAt + DryRunsFor],
            cancellationToken);

    /// <summary>Takes a sync out of everybody's sight; its rows are deleted as soon as this is committed.</summary>
    public static async Task HideAsync(NpgsqlConnection connection, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await MarkAsync(connection, id, now, cancellationToken);
        await connection.RunAsync(
            $"""
            INSERT INTO {Queue} (tenant_id, id, due_at) SELECT tenant_id, id, $2 FROM syncs WHERE id = $1
            ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = excluded.due_at
            """,
            [id, now],
            cancellationToken);
    }

    /// <summary>Deletes one whose time has come. False while a run still brings its last calls to their end.</summary>
    public async Task<bool> DeleteAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        if (await connection.AskAsync<bool>(
            $"SELECT EXISTS (SELECT 1 FROM {SyncQueue.Table} WHERE {OfTenant} AND id = $1)", [id], cancellationToken))
        {
            return false;
        }

        await MarkAsync(connection, id, clock.GetUtcNow(), cancellationToken);
        int deleted;
        do
        {
            deleted = await connection.RunAsync(
                $"""
                DELETE FROM sync_contacts WHERE sync_id = $1 AND position IN (
                    SELECT position FROM sync_contacts WHERE sync_id = $1 ORDER BY position LIMIT {RowsAtOnce})
                """,
                [id],
                cancellationToken);
        }
        while (deleted > 0);

        await connection.RunAsync("DELETE FROM syncs WHERE id = $1", [id], cancellationToken);
        await connection.RunAsync($"DELETE FROM {Queue} WHERE {OfTenant} AND id = $1", [id], cancellationToken);
        return true;
    }

    // its idempotency key is free again
    private static Task<int> MarkAsync(NpgsqlConnection connection, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.RunAsync(
            "UPDATE syncs SET deleted_at = coalesce(deleted_at, $2), idempotency_key = NULL WHERE id = $1", [id, now], cancellationToken);
}
