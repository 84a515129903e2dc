using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// Which sync is to be gone on with when, in the queue that all replicas share. Always written in the transaction that changes the sync:
/// what a run does at its end is to give its claim back, and never to say when.
/// </summary>
internal static class SyncQueue
{
    public const string Table = "sync_work";

    /// <summary>How long a dead replica's syncs stand still.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    // of whoever's connection it is: the queue itself knows all tenants
    private const string OfTenant = "tenant_id = current_setting('app.tenant_id')::uuid";

    // PostgreSQL's infinity
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    /// <summary>Notes a sync that was made.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, TenantId tenant, Guid id, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        connection.RunAsync(
            $"INSERT INTO {Table} (tenant_id, id, due_at) VALUES ($1, $2, $3)", [tenant.Value, id, dueAt], cancellationToken);

    /// <summary>It is gone on with then; null for not until somebody says so.</summary>
    public static Task DueAsync(NpgsqlConnection connection, Guid id, DateTimeOffset? dueAt, CancellationToken cancellationToken) =>
        connection.RunAsync($"UPDATE {Table} SET due_at = $2 WHERE {OfTenant} AND id = $1", [id, dueAt ?? Never], cancellationToken);

    /// <summary>Strikes out a sync that has ended.</summary>
    public static Task EndAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.RunAsync($"DELETE FROM {Table} WHERE {OfTenant} AND id = $1", [id], cancellationToken);

    /// <summary>The same, but for one that a run has: it brings what is on its way to its end, and strikes it out then.</summary>
    public static Task EndUnlessHeldAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.RunAsync(
            $"DELETE FROM {Table} WHERE {OfTenant} AND id = $1 AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())",
            [id],
            cancellationToken);
}
