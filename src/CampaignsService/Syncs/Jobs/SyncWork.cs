using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>Something of a tenant that somebody must see to: a sync to go on with, or an upload to forget.</summary>
internal sealed record Due(Guid Id, TenantId Tenant, bool IsUpload);

/// <summary>
/// Who works on which sync. One run holds a sync at a time, by a lease that it renews; the run of a replica that died loses it within
/// <see cref="Lease"/>. Leases go by the database's clock, so that the replicas' own need not agree.
/// </summary>
internal sealed class SyncWork(TenantDb<CampaignsDbContext> db)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(2);

    // PostgreSQL's infinity
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    // what the scheduler has lost sight of, a replica's death between two writes
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(20);

    /// <summary>Notes a sync in the transaction that stores it.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, TenantId tenant, Guid id, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        connection.RunAsync(
            "INSERT INTO sync_work (id, tenant_id, is_upload, due_at) VALUES ($1, $2, false, $3)", [id, tenant.Value, dueAt],
            cancellationToken);

    /// <summary>Says when a sync is gone on with, in the transaction that changes it; null for not until somebody says so.</summary>
    public static Task DueAsync(NpgsqlConnection connection, Guid id, DateTimeOffset? dueAt, CancellationToken cancellationToken) =>
        connection.RunAsync("UPDATE sync_work SET due_at = $2 WHERE id = $1", [id, dueAt ?? Never], cancellationToken);

    /// <summary>Strikes out a sync in the transaction that ends it, and what was needed only on the way.</summary>
    public static async Task EndAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await connection.RunAsync("DELETE FROM sync_members WHERE sync_id = $1", [id], cancellationToken);
        await connection.RunAsync("DELETE FROM sync_work WHERE id = $1", [id], cancellationToken);
    }

    /// <summary>Takes the sync for <paramref name="run"/>; false while another run has it, or where nothing is left to do.</summary>
    public Task<bool> TryHoldAsync(Guid id, Guid run, CancellationToken cancellationToken) => TouchAsync(
        """
        UPDATE sync_work SET run = $2, held_until = clock_timestamp() + $3
        WHERE id = $1 AND (held_until IS NULL OR held_until < clock_timestamp())
        """,
        [id, run, Lease],
        cancellationToken);

    /// <summary>False where the lease was lost: the run must end.</summary>
    public Task<bool> RenewAsync(Guid id, Guid run, CancellationToken cancellationToken) => TouchAsync(
        "UPDATE sync_work SET held_until = clock_timestamp() + $3 WHERE id = $1 AND run = $2 AND held_until > clock_timestamp()",
        [id, run, Lease],
        cancellationToken);

    /// <summary>
    /// Lets the sync go; it is to be gone on with at <paramref name="dueAt"/>, by whoever comes first, or not until somebody says so.
    /// </summary>
    public Task<bool> ReleaseAsync(Guid id, Guid run, DateTimeOffset? dueAt, CancellationToken cancellationToken) => TouchAsync(
        "UPDATE sync_work SET run = NULL, held_until = NULL, due_at = $3 WHERE id = $1 AND run = $2", [id, run, dueAt ?? Never],
        cancellationToken);

    /// <summary>True while some run, or nobody, has yet to see to this sync.</summary>
    public async Task<bool> IsOpenAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await db.DataSource.OpenConnectionAsync(cancellationToken);
        return await connection.AskAsync<bool>("SELECT EXISTS (SELECT 1 FROM sync_work WHERE id = $1)", [id], cancellationToken);
    }

    /// <summary>What was due a while ago and nobody holds.</summary>
    public async Task<IReadOnlyList<Due>> OverdueAsync(CancellationToken cancellationToken)
    {
        var overdue = new List<Due>();
        await using var connection = await db.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command(
            """
            SELECT id, tenant_id, is_upload FROM sync_work
            WHERE due_at < now() - $1 AND (held_until IS NULL OR held_until < now()) ORDER BY due_at LIMIT 1000
            """,
            [Overdue]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            overdue.Add(new Due(rows.GetGuid(0), new TenantId(rows.GetGuid(1)), rows.GetBoolean(2)));
        }

        return overdue;
    }

    private async Task<bool> TouchAsync(string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var connection = await db.DataSource.OpenConnectionAsync(cancellationToken);
        return await connection.RunAsync(sql, parameters, cancellationToken) == 1;
    }
}
