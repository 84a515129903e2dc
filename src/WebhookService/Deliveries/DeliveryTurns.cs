using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>
/// Whose delivery comes next. Tenants take turns, and a tenant has a share of a replica's places: receivers that let every attempt run into its
/// limit hold up their own tenant and nobody else.
/// </summary>
internal sealed class DeliveryTurns(NpgsqlDataSource dataSource, [FromKeyedServices(DeliveryTurns.Queue)] WorkQueue queue, TimeProvider clock)
{
    /// <summary>The table of what is due.</summary>
    public const string Queue = "delivery_queue";

    public const int AtOnce = 32;

    public const int AtOnceOfATenant = 8;

    private const string ClaimSql =
        $"""
        WITH RECURSIVE tenants AS (
            (SELECT tenant_id FROM {Queue} ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT q.tenant_id FROM {Queue} q WHERE q.tenant_id > t.tenant_id ORDER BY q.tenant_id LIMIT 1)
            FROM tenants t WHERE t.tenant_id IS NOT NULL),
        heads AS (
            SELECT t.tenant_id, h.id, h.due_at, share.places, row_number() OVER (PARTITION BY t.tenant_id ORDER BY h.due_at) AS turn
            FROM tenants t
            CROSS JOIN LATERAL (
                SELECT @per_tenant - count(*) AS places FROM {Queue} c
                WHERE c.tenant_id = t.tenant_id AND c.claimed_by = @worker AND c.claimed_until > clock_timestamp()) share
            CROSS JOIN LATERAL (
                SELECT q.id, q.due_at FROM {Queue} q
                WHERE q.tenant_id = t.tenant_id AND q.due_at <= @now AND (q.claimed_until IS NULL OR q.claimed_until <= clock_timestamp())
                ORDER BY q.due_at
                LIMIT @per_tenant
                FOR UPDATE SKIP LOCKED) h
            WHERE t.tenant_id IS NOT NULL AND share.places > 0),
        chosen AS (SELECT tenant_id, id FROM heads WHERE turn <= places ORDER BY turn, due_at LIMIT @most)
        UPDATE {Queue} q SET claimed_by = @worker, claimed_until = clock_timestamp() + @lease, attempts = q.attempts + 1
        FROM chosen c WHERE q.tenant_id = c.tenant_id AND q.id = c.id
        RETURNING q.tenant_id, q.id, q.attempts
        """;

    /// <summary>Claims what is due: one of every tenant before a second one of any.</summary>
    public async Task<IReadOnlyList<WorkItem>> ClaimAsync(int most, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ClaimSql);
        command.Parameters.AddWithValue("worker", queue.Worker);
        command.Parameters.AddWithValue("most", most);
        command.Parameters.AddWithValue("per_tenant", AtOnceOfATenant);
        command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, clock.GetUtcNow());
        command.Parameters.AddWithValue("lease", NpgsqlDbType.Interval, queue.LeaseLength);
        var claimed = new List<WorkItem>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            claimed.Add(new WorkItem(new TenantId(rows.GetGuid(0)), rows.GetGuid(1), rows.GetInt32(2)));
        }

        return claimed;
    }
}
