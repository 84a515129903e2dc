using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>A registration that this process may push, until <see cref="RegistrationQueue.Lease"/> after the claim.</summary>
/// <param name="Sequence">Its place in the queue, unique.</param>
/// <param name="Tenant">Whose registration it is.</param>
/// <param name="RegistrationId">Which one.</param>
/// <param name="Subject">The address, as a hash that only its tenant can make.</param>
/// <param name="InDoubt">An earlier push of it ended without an answer: Zoho may hold the contact because of us.</param>
/// <param name="GateFailures">How often in a row its tenant's gate was closed; above 0 this claim tries whether the way is free again.</param>
/// <param name="TraceParent">The call that submitted it, as a W3C <c>traceparent</c>; null where it was not traced.</param>
internal sealed record Claim(
    long Sequence, TenantId Tenant, Guid RegistrationId, byte[] Subject, bool InDoubt, int GateFailures, string? TraceParent);

/// <summary>
/// The registrations that wait for Zoho, of all tenants, shared by all replicas. It knows no tenant's content: ids, a keyed hash of the address,
/// when the row is due, and the trace that it belongs to. Two registrations of one address are pushed in the order they came: only the oldest
/// of them can be claimed.
/// </summary>
/// <remarks>
/// A claim is a lease by the clock of the replica that took it. A push is cut off at <see cref="PushLimit"/>, well before its lease ends, so
/// that a contact is not pushed by two workers at once as long as the replicas' clocks agree within the difference.
/// </remarks>
internal sealed class RegistrationQueue(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    public const string Channel = "campaigns_registrations";

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    public static readonly TimeSpan PushLimit = TimeSpan.FromSeconds(60);

    private const int CountedUpTo = 100_000;

    // One turn for every tenant before a second one for any, starting behind the tenant that was served last. While a tenant's gate has
    // failed and not yet let one through, only one of its rows is tried at a time, by whichever replica comes first; what was claimed
    // before the gate opened tries nothing, and its worker may be dead.
    private const string ClaimSql =
        """
        WITH RECURSIVE tenants AS (
            (SELECT tenant_id FROM registration_queue ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT q.tenant_id FROM registration_queue q WHERE q.tenant_id > t.tenant_id ORDER BY q.tenant_id LIMIT 1)
            FROM tenants t WHERE t.tenant_id IS NOT NULL),
        heads AS (
            SELECT h.sequence, t.tenant_id, coalesce(g.failures, 0) AS failures, open.places,
                row_number() OVER (PARTITION BY t.tenant_id ORDER BY h.due_at, h.sequence) AS turn
            FROM tenants t
            LEFT JOIN push_gates g ON g.tenant_id = t.tenant_id
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN g.failures > 0 THEN 1 - count(*) FILTER (WHERE c.claimed_until >= g.opens_at + @lease)
                    ELSE @per_tenant - count(*) FILTER (WHERE c.claimed_by = @worker) END AS places
                FROM registration_queue c
                WHERE c.tenant_id = t.tenant_id AND c.claimed_by IS NOT NULL AND c.claimed_until > @now) open
            CROSS JOIN LATERAL (
                SELECT q.sequence, q.due_at
                FROM registration_queue q
                WHERE q.tenant_id = t.tenant_id AND q.due_at <= @now AND (q.claimed_until IS NULL OR q.claimed_until <= @now)
                    AND NOT EXISTS (
                        SELECT 1 FROM registration_queue e
                        WHERE e.tenant_id = q.tenant_id AND e.subject = q.subject AND e.sequence < q.sequence)
                ORDER BY q.due_at, q.sequence
                LIMIT @per_tenant
                FOR UPDATE SKIP LOCKED) h
            WHERE t.tenant_id IS NOT NULL AND (g.opens_at IS NULL OR g.opens_at <= @now) AND open.places > 0),
        chosen AS (
            SELECT sequence, failures FROM heads WHERE turn <= places ORDER BY turn, tenant_id <= @served, tenant_id LIMIT @most)
        UPDATE registration_queue q
        SET claimed_by = @worker, claimed_until = @until, in_doubt = q.in_doubt OR q.claimed_by IS NOT NULL
        FROM chosen c
        WHERE q.sequence = c.sequence
        RETURNING q.sequence, q.tenant_id, q.registration_id, q.subject, q.in_doubt, c.failures, q.trace_parent
        """;

    private readonly Guid _worker = Guid.NewGuid();
    private Guid _served;

    /// <summary>Puts a registration at the end of its address's queue, in the transaction that stores it.</summary>
    public async Task AppendAsync(CampaignsDbContext context, Guid registrationId, byte[] subject, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO registration_queue (tenant_id, registration_id, subject, due_at, trace_parent)
            VALUES ({context.Tenant.Value}, {registrationId}, {subject}, {now}, {Activity.Current?.Id});
            """,
            cancellationToken);
        await NotifyAsync(context, cancellationToken);
    }

    /// <summary>Claims what is due: fair between tenants, at most <paramref name="most"/> in all and <paramref name="perTenant"/> of a tenant in this process.</summary>
    public async Task<IReadOnlyList<Claim>> ClaimAsync(int most, int perTenant, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = db.DataSource.CreateCommand(ClaimSql);
        command.Parameters.AddWithValue("worker", _worker);
        command.Parameters.AddWithValue("served", _served);
        command.Parameters.AddWithValue("most", most);
        command.Parameters.AddWithValue("per_tenant", perTenant);
        command.Parameters.AddWithValue("now", NpgsqlDbType.TimestampTz, now);
        command.Parameters.AddWithValue("until", NpgsqlDbType.TimestampTz, now + Lease);
        command.Parameters.AddWithValue("lease", NpgsqlDbType.Interval, Lease);
        var claims = new List<Claim>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            claims.Add(new Claim(
                rows.GetInt64(0),
                new TenantId(rows.GetGuid(1)),
                rows.GetGuid(2),
                rows.GetFieldValue<byte[]>(3),
                rows.GetBoolean(4),
                rows.GetInt32(5),
                await rows.IsDBNullAsync(6, cancellationToken) ? null : rows.GetString(6)));
        }

        if (claims.Count > 0)
        {
            _served = claims[^1].Tenant.Value;
        }

        return claims;
    }

    /// <summary>Takes the registration out for good. False when the claim was lost meanwhile: the caller must not record anything then.</summary>
    public async Task<bool> CompleteAsync(CampaignsDbContext context, Claim claim, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"DELETE FROM registration_queue WHERE sequence = {claim.Sequence} AND claimed_by = {_worker} AND claimed_until > {clock.GetUtcNow()}",
            cancellationToken) == 1;

    /// <summary>Gives the registration back until <paramref name="dueAt"/>. False when the claim was lost meanwhile.</summary>
    public async Task<bool> DeferAsync(
        CampaignsDbContext context, Claim claim, DateTimeOffset dueAt, bool inDoubt, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE registration_queue SET claimed_by = NULL, claimed_until = NULL, due_at = {dueAt}, in_doubt = {inDoubt}
            WHERE sequence = {claim.Sequence} AND claimed_by = {_worker} AND claimed_until > {clock.GetUtcNow()}
            """,
            cancellationToken) == 1;

    /// <summary>Keeps all of the tenant's registrations back until <paramref name="opensAt"/>. False when another push closed the gate first.</summary>
    public static async Task<bool> CloseGateAsync(
        CampaignsDbContext context, Claim claim, DateTimeOffset opensAt, int failures, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO push_gates (tenant_id, opens_at, failures) VALUES ({context.Tenant.Value}, {opensAt}, {failures})
            ON CONFLICT (tenant_id) DO UPDATE SET opens_at = excluded.opens_at, failures = excluded.failures
            WHERE push_gates.failures = {claim.GateFailures}
            """,
            cancellationToken) == 1;

    /// <summary>Lets the tenant's registrations through again, now.</summary>
    public static async Task OpenGateAsync(CampaignsDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync($"DELETE FROM push_gates WHERE tenant_id = {context.Tenant.Value}", cancellationToken);
        await NotifyAsync(context, cancellationToken);
    }

    /// <summary>Gives a claim back whose push was cut off: due at once, by whoever comes first.</summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var command = db.DataSource.CreateCommand(
            "UPDATE registration_queue SET claimed_by = NULL, claimed_until = NULL, in_doubt = true WHERE sequence = $1 AND claimed_by = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = claim.Sequence });
        command.Parameters.Add(new NpgsqlParameter { Value = _worker });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How many registrations wait, counted up to 100,000.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = db.DataSource.CreateCommand(
            $"SELECT count(*) FROM (SELECT 1 FROM registration_queue LIMIT {CountedUpTo}) AS waiting");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // heard when the transaction commits
    private static Task<int> NotifyAsync(CampaignsDbContext context, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlRawAsync($"NOTIFY {Channel}", cancellationToken);
}
