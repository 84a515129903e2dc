using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Whose item of a <see cref="WorkQueue"/> comes next. A tenant has a share of a worker's places, and a free place goes to whoever has the
/// fewest of them, by turns where several have as few: who queues much, or whose work takes long, holds up itself and nobody else.
/// </summary>
public sealed class TenantTurns
{
    /// <summary>
    /// Begins a statement with <c>tenants</c>: those that have something in the queue, one <c>tenant_id</c> a row and a null behind the last.
    /// One look into the index for each, however much it has queued.
    /// </summary>
    public static string TenantsOf(string table) =>
        $"""
        WITH RECURSIVE tenants AS (
            (SELECT tenant_id FROM {table} ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT q.tenant_id FROM {table} q WHERE q.tenant_id > t.tenant_id ORDER BY q.tenant_id LIMIT 1)
            FROM tenants t WHERE t.tenant_id IS NOT NULL)
        """;

    private readonly WorkQueue _queue;
    private readonly string _claimSql;

    // of the loop that claims
    private Guid _served;

    /// <param name="queue">From which is claimed.</param>
    /// <param name="rules">What is special about this queue.</param>
    public TenantTurns(WorkQueue queue, TurnRules? rules = null)
    {
        _queue = queue;
        rules ??= new TurnRules();
        _claimSql =
            $"""
            {TenantsOf(queue.Table)},
            heads AS (
                SELECT t.tenant_id, h.id, open.places, open.held,
                    row_number() OVER (PARTITION BY t.tenant_id ORDER BY h.due_at, h.tie) AS number
                FROM tenants t
                {rules.Tenant}
                CROSS JOIN LATERAL (
                    SELECT count(*) FILTER (WHERE c.claimed_by = @worker) AS held, {rules.Places} AS places
                    FROM {queue.Table} c
                    WHERE c.tenant_id = t.tenant_id AND c.claimed_by IS NOT NULL AND c.claimed_until > clock_timestamp()) open
                CROSS JOIN LATERAL (
                    SELECT q.id, q.due_at, {rules.Tie} AS tie
                    FROM {queue.Table} q
                    WHERE q.tenant_id = t.tenant_id AND q.due_at <= @now AND (q.claimed_until IS NULL OR q.claimed_until <= clock_timestamp())
                        AND {rules.ItemMay}
                    ORDER BY q.due_at, {rules.Tie}
                    LIMIT @share
                    FOR UPDATE OF q SKIP LOCKED) h
                WHERE t.tenant_id IS NOT NULL AND {rules.TenantMay} AND open.places > 0),
            chosen AS (
                SELECT tenant_id, id, row_number() OVER (ORDER BY held + number, tenant_id <= @served, tenant_id) AS turn
                FROM heads WHERE number <= places ORDER BY turn LIMIT @most)
            UPDATE {queue.Table} q
            SET claimed_by = @worker, claimed_until = clock_timestamp() + @lease, attempts = q.attempts + 1{Also(rules.Set)}
            FROM chosen c WHERE q.tenant_id = c.tenant_id AND q.id = c.id
            RETURNING c.turn, q.tenant_id, q.id, q.attempts{Also(rules.Returning)}
            """;
    }

    /// <summary>Claims up to so many of what is due.</summary>
    /// <param name="most">Places that are free.</param>
    /// <param name="share">Places that a tenant may have at a time, of all that this process has.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<WorkItem>> ClaimAsync(int most, int share, CancellationToken cancellationToken) =>
        ClaimAsync(most, share, (item, _, _) => item, cancellationToken);

    /// <summary>As the other, for a queue with columns of its own.</summary>
    /// <param name="most">Places that are free.</param>
    /// <param name="share">Places that a tenant may have at a time, of all that this process has.</param>
    /// <param name="read">Makes one of an item, the row, and the number of the first column of <see cref="TurnRules.Returning"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<T>> ClaimAsync<T>(
        int most, int share, Func<WorkItem, NpgsqlDataReader, int, T> read, CancellationToken cancellationToken)
    {
        await using var command = _queue.Statements.CreateCommand(_claimSql);
        command.Parameters.AddWithValue("worker", _queue.Worker);
        command.Parameters.AddWithValue("served", _served);
        command.Parameters.AddWithValue("most", most);
        command.Parameters.AddWithValue("share", share);
        command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, _queue.Now);
        command.Parameters.AddWithValue("lease", NpgsqlDbType.Interval, _queue.LeaseLength);
        var (claimed, lastTurn) = (new List<T>(), 0L);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var item = new WorkItem(new TenantId(rows.GetGuid(1)), rows.GetGuid(2), rows.GetInt32(3));
            claimed.Add(read(item, rows, 4));
            if (rows.GetInt64(0) > lastTurn)
            {
                (lastTurn, _served) = (rows.GetInt64(0), item.Tenant.Value);
            }
        }

        return claimed;
    }

    private static string Also(string columns) => columns.Length == 0 ? "" : $", {columns}";
}

/// <summary>
/// What is special about a queue's turns: parts of a statement in which <c>t</c> is a tenant, <c>q</c> an item, <c>c</c> the items of the
/// tenant that somebody has; with the parameters <c>@now</c>, <c>@worker</c> and <c>@share</c>.
/// </summary>
public sealed record TurnRules
{
    /// <summary>What else is known of a tenant: a join to <c>t</c>.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Whether it is let through at all.</summary>
    public string TenantMay { get; init; } = "true";

    /// <summary>How many places it may still have: an aggregate over <c>c</c>.</summary>
    public string Places { get; init; } = "@share - count(*) FILTER (WHERE c.claimed_by = @worker)";

    /// <summary>Whether an item may be taken.</summary>
    public string ItemMay { get; init; } = "true";

    /// <summary>Which of a tenant's items that are due at one moment comes first.</summary>
    public string Tie { get; init; } = "q.id";

    /// <summary>What else is written when an item is claimed.</summary>
    public string Set { get; init; } = "";

    /// <summary>What else is read of it then.</summary>
    public string Returning { get; init; } = "";
}
