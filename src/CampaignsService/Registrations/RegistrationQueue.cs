using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>A registration that this process may push, until <see cref="RegistrationQueue.Lease"/> after the claim.</summary>
/// <param name="Item">Whose registration it is, and which one.</param>
/// <param name="Subject">The address, as a hash that only its tenant can make.</param>
/// <param name="InDoubt">An earlier push of it ended without an answer: Zoho may hold the contact because of us.</param>
/// <param name="GateFailures">How often in a row its tenant's gate was closed; above 0 this claim tries whether the way is free again.</param>
/// <param name="TraceParent">The call that submitted it, as a W3C <c>traceparent</c>; null where it was not traced.</param>
internal sealed record Claim(WorkItem Item, byte[] Subject, bool InDoubt, int GateFailures, string? TraceParent)
{
    public TenantId Tenant => Item.Tenant;

    public Guid RegistrationId => Item.Id;
}

/// <summary>
/// The registrations that wait for Zoho, of all tenants, shared by all replicas: a <see cref="WorkQueue"/> with an order of its own. Tenants
/// take turns, and a tenant whose way to Zoho fails is kept back by its gate. It knows no tenant's content: ids, a keyed hash of the
/// address, when the row is due, and the trace that it belongs to. Two registrations of one address are pushed in the order they came: only the oldest
/// of them can be claimed.
/// </summary>
/// <remarks>
/// A push is cut off at <see cref="PushLimit"/>, well before its lease ends: a contact is not pushed by two workers at once.
/// </remarks>
internal sealed class RegistrationQueue(
    TenantDb<CampaignsDbContext> db, [FromKeyedServices(RegistrationQueue.Table)] WorkQueue work, TimeProvider clock)
{
    public const string Table = PushGate.Queue;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    public static readonly TimeSpan PushLimit = TimeSpan.FromSeconds(60);

    private const int CountedUpTo = 100_000;

    // While a tenant's gate has failed and not yet let one through, only one of its rows is tried at a time, by whichever replica comes
    // first; what was claimed before the gate opened tries nothing, and its worker may be dead.
    private static readonly TurnRules Rules = new()
    {
        Tenant = "LEFT JOIN push_gates g ON g.tenant_id = t.tenant_id",
        TenantMay = "(g.opens_at IS NULL OR g.opens_at <= @now)",
        Places =
            """
            CASE
                WHEN g.failures > 0 THEN 1 - count(*) FILTER (WHERE c.gate_failures = g.failures)
                ELSE @share - count(*) FILTER (WHERE c.claimed_by = @worker) END
            """,
        ItemMay = $"NOT EXISTS ({Older})",
        Tie = "q.sequence",
        Set =
            """
            gate_failures = coalesce((SELECT g.failures FROM push_gates g WHERE g.tenant_id = q.tenant_id), 0),
            in_doubt = q.in_doubt OR q.claimed_by IS NOT NULL
            """,
        Returning = "q.subject, q.in_doubt, q.gate_failures, q.trace_parent",
    };

    private const string Older =
        "SELECT 1 FROM registration_queue e WHERE e.tenant_id = q.tenant_id AND e.subject = q.subject AND e.sequence < q.sequence";

    // not before its gate opens; what waits for an older one of its address comes behind that, and what waits for a free place counts as due
    private static readonly string NextSql =
        $"""
        {TenantTurns.TenantsOf(Table)}
        SELECT least(
            (SELECT min(greatest(h.due_at, g.opens_at))
             FROM tenants t
             LEFT JOIN push_gates g ON g.tenant_id = t.tenant_id
             CROSS JOIN LATERAL (
                SELECT q.due_at FROM registration_queue q
                WHERE q.tenant_id = t.tenant_id AND q.claimed_by IS NULL AND NOT EXISTS ({Older})
                ORDER BY q.due_at LIMIT 1) h
             WHERE t.tenant_id IS NOT NULL),
            @now + ((SELECT min(claimed_until) FROM registration_queue WHERE claimed_by IS NOT NULL) - clock_timestamp()))
        """;

    private readonly TenantTurns _turns = new(work, Rules);

    /// <summary>Says that something was added, and wakes who waits for it.</summary>
    public DatabaseSignal Signal => work.Signal;

    /// <summary>This process, in the claims that it has.</summary>
    public Guid Worker => work.Worker;

    /// <summary>
    /// Claims what is due: fair between tenants, at most <paramref name="most"/> in all and <paramref name="perTenant"/> of a tenant in this
    /// process.
    /// </summary>
    public Task<IReadOnlyList<Claim>> ClaimAsync(int most, int perTenant, CancellationToken cancellationToken) => _turns.ClaimAsync(
        most,
        perTenant,
        (item, row, first) => new Claim(
            item,
            row.GetFieldValue<byte[]>(first),
            row.GetBoolean(first + 1),
            row.GetInt32(first + 2),
            row.IsDBNull(first + 3) ? null : row.GetString(first + 3)),
        cancellationToken);

    /// <summary>When there will be something to claim, as far as that is a matter of time; null while nothing waits.</summary>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        await using var command = db.Statements.CreateCommand(NextSql);
        command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, clock.GetUtcNow());
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime next ? new DateTimeOffset(next) : null;
    }

    /// <summary>Gives the registration back until <paramref name="dueAt"/>. False when the claim was lost meanwhile.</summary>
    public async Task<bool> DeferAsync(
        CampaignsDbContext context, Claim claim, DateTimeOffset dueAt, bool inDoubt, CancellationToken cancellationToken)
    {
        if (inDoubt && !claim.InDoubt)
        {
            await context.Database.ExecuteSqlAsync(
                $"UPDATE registration_queue SET in_doubt = true WHERE tenant_id = {claim.Tenant.Value} AND id = {claim.RegistrationId}",
                cancellationToken);
        }

        return await work.DeferAsync(context, claim.Item, dueAt, cancellationToken);
    }

    /// <summary>
    /// Who wait under this address are read before they are pushed, also by the process that has just stored them: something was said of the
    /// person since. In the transaction of <paramref name="context"/>.
    /// </summary>
    public static Task ReadAfreshAsync(CampaignsDbContext context, byte[] subject, CancellationToken cancellationToken) =>
        // only a first try goes by memory (FreshRegistrations)
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE registration_queue SET attempts = attempts + 1
            WHERE tenant_id = {context.Tenant.Value} AND subject = {subject} AND claimed_by IS NULL
            """,
            cancellationToken);

    /// <summary>Gives a claim back whose push was cut off: due at once, by whoever comes first.</summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var doubt = db.Statements.CreateCommand(
            "UPDATE registration_queue SET in_doubt = true WHERE tenant_id = $1 AND id = $2 AND claimed_by = $3");
        foreach (var id in (Guid[])[claim.Tenant.Value, claim.RegistrationId, work.Worker])
        {
            doubt.Parameters.Add(new NpgsqlParameter { Value = id });
        }

        await doubt.ExecuteNonQueryAsync(cancellationToken);
        await work.ReleaseAsync(claim.Item, cancellationToken);
    }

    /// <summary>How many registrations wait, counted up to 100,000.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = db.Statements.CreateCommand(
            $"SELECT count(*) FROM (SELECT 1 FROM registration_queue LIMIT {CountedUpTo}) AS waiting");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
