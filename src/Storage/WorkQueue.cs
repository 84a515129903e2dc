using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>A piece of work that this process has claimed.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Id">Which one; what it means, the service knows.</param>
/// <param name="Attempts">How often it has been claimed since work on it last came forward, this time included.</param>
public sealed record WorkItem(TenantId Tenant, Guid Id, int Attempts);

/// <summary>
/// A table of work that all replicas share (<see cref="WorkQueueTable"/>): which item of which tenant is due when, and who has it. Whoever
/// claims an item has it until its lease ends; those of a replica that died come back then.
/// </summary>
/// <remarks>
/// Items are due by the clock of the service. Leases go by the database's clock, so that the replicas' own need not agree. A claim is lost
/// when its lease has ended, or when somebody queued the item anew and took the claim away with it: completing and deferring say so, and what
/// was to be written together with them must not be.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue, in the database.")]
public sealed class WorkQueue
{
    /// <summary>How long a claim lasts that is not renewed, where the service says nothing else.</summary>
    public static readonly TimeSpan UsualLease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// In a statement of a service's own: that this process has a claim still. <c>$1</c> to <c>$4</c> are the item's tenant and id,
    /// <see cref="Worker"/> and <see cref="WorkItem.Attempts"/>.
    /// </summary>
    // an item that this process claims a second time has another number of attempts
    public const string Held = "tenant_id = $1 AND id = $2 AND claimed_by = $3 AND attempts = $4 AND claimed_until > clock_timestamp()";

    private readonly TenantStatements _statements;
    private readonly TimeProvider _clock;

    /// <param name="statements">Of the database where the table is.</param>
    /// <param name="signal">Of the channel that is named like the table.</param>
    /// <param name="lease">How long a claim lasts that is not renewed.</param>
    /// <param name="clock">By which items are due.</param>
    public WorkQueue(TenantStatements statements, DatabaseSignal signal, TimeSpan lease, TimeProvider clock)
    {
        (_statements, Signal, LeaseLength, _clock) = (statements, signal, lease, clock);
    }

    /// <summary>The table, and the channel on which it is said that something was added to it or is due earlier.</summary>
    public string Table => Signal.Channel;

    public DatabaseSignal Signal { get; }

    public TimeSpan LeaseLength { get; }

    /// <summary>This process, in the rows that it has claimed.</summary>
    public Guid Worker { get; } = Guid.NewGuid();

    internal TenantStatements Statements => _statements;

    internal DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Claims what is due, the longest waiting first; <see cref="TenantTurns"/> does by turns of the tenants.</summary>
    public async Task<IReadOnlyList<WorkItem>> ClaimAsync(int most, CancellationToken cancellationToken)
    {
        await using var command = _statements.CreateCommand(
            $"""
            WITH due AS MATERIALIZED (
                SELECT tenant_id, id FROM {Table}
                WHERE due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
                ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            UPDATE {Table} q SET claimed_by = $3, claimed_until = clock_timestamp() + $4, attempts = q.attempts + 1
            FROM due d WHERE q.tenant_id = d.tenant_id AND q.id = d.id
            RETURNING q.tenant_id, q.id, q.attempts
            """);
        AddParameters(command, [_clock.GetUtcNow(), most, Worker, LeaseLength]);
        var claimed = new List<WorkItem>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            claimed.Add(new WorkItem(new TenantId(rows.GetGuid(0)), rows.GetGuid(1), rows.GetInt32(2)));
        }

        return claimed;
    }

    /// <summary>
    /// Adds an item that this process works on at once, in the transaction of <paramref name="context"/>: where it does not come to an end of
    /// that, the item comes back when the lease has ended. One that is there already is claimed; null where somebody has it.
    /// </summary>
    public async Task<WorkItem?> AddClaimedAsync(DbContext context, TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        var attempts = await AskAsync<int>(
            context,
            $"""
            INSERT INTO {Table} AS q (tenant_id, id, due_at, attempts, claimed_by, claimed_until)
            VALUES ($1, $2, $3, 1, $4, clock_timestamp() + $5)
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET attempts = q.attempts + 1, claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
            WHERE q.claimed_until IS NULL OR q.claimed_until <= clock_timestamp()
            RETURNING attempts
            """,
            [tenant.Value, id, _clock.GetUtcNow(), Worker, LeaseLength],
            cancellationToken);
        return attempts is { } claimed ? new WorkItem(tenant, id, claimed) : null;
    }

    /// <summary>
    /// When something is due next or comes back from a replica that does not renew it; null while nothing is there. What is due at
    /// <c>infinity</c> waits until somebody says so.
    /// </summary>
    public async Task<DateTimeOffset?> NextAsync(CancellationToken cancellationToken)
    {
        await using var command = _statements.CreateCommand(
            $"""
            SELECT nullif(least(
                (SELECT due_at FROM {Table} WHERE claimed_by IS NULL ORDER BY due_at LIMIT 1),
                $1 + ((SELECT min(claimed_until) FROM {Table} WHERE claimed_by IS NOT NULL) - clock_timestamp())), 'infinity')
            """);
        AddParameters(command, [_clock.GetUtcNow()]);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime next ? new DateTimeOffset(next) : null;
    }

    /// <summary>The lease of an item, renewed for as long as it is worked on.</summary>
    /// <param name="item">What was claimed just now.</param>
    /// <param name="failed">Told of a renewal that failed; the next may not.</param>
    public Lease Keep(WorkItem item, Action<Exception> failed) =>
        new(LeaseLength, cancellationToken => RenewAsync(item, cancellationToken), failed);

    /// <summary>
    /// Whether this process has the claim still, until the transaction of <paramref name="context"/> ends: what is written in it then is written by
    /// whoever works on the item.
    /// </summary>
    public Task<bool> IsHeldAsync(DbContext context, WorkItem item, CancellationToken cancellationToken) => InAsync(
        context,
        $"SELECT 1 FROM {Table} WHERE {Held} FOR UPDATE",
        HeldBy(item),
        async command => await command.ExecuteScalarAsync(cancellationToken) is not null,
        cancellationToken);

    /// <summary>
    /// Takes the item out for good, in the transaction of <paramref name="context"/>. False when the claim was lost: then nothing of what it
    /// came to may be written.
    /// </summary>
    public Task<bool> CompleteAsync(DbContext context, WorkItem item, CancellationToken cancellationToken) =>
        InAsync(context, $"DELETE FROM {Table} WHERE {Held}", HeldBy(item), cancellationToken);

    /// <inheritdoc cref="CompleteAsync(DbContext, WorkItem, CancellationToken)"/>
    public Task<bool> CompleteAsync(WorkItem item, CancellationToken cancellationToken) =>
        RunAsync($"DELETE FROM {Table} WHERE {Held}", HeldBy(item), cancellationToken);

    /// <summary>
    /// Gives the item back until <paramref name="dueAt"/>, in the transaction of <paramref name="context"/>. False when the claim was lost:
    /// then nothing of what it came to may be written.
    /// </summary>
    public Task<bool> DeferAsync(DbContext context, WorkItem item, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        InAsync(context, DeferSql, [.. HeldBy(item), dueAt], cancellationToken);

    /// <inheritdoc cref="DeferAsync(DbContext, WorkItem, DateTimeOffset, CancellationToken)"/>
    public Task<bool> DeferAsync(WorkItem item, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        RunAsync(DeferSql, [.. HeldBy(item), dueAt], cancellationToken);

    /// <summary>
    /// As <see cref="DeferAsync(DbContext, WorkItem, DateTimeOffset, CancellationToken)"/>, for an item of which a part is done: what comes
    /// of the next part has nothing to do with how many there were, so its attempts are counted anew.
    /// </summary>
    public Task<bool> ContinueAsync(DbContext context, WorkItem item, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        InAsync(
            context,
            $"UPDATE {Table} SET claimed_by = NULL, claimed_until = NULL, due_at = $5, attempts = 0 WHERE {Held}",
            [.. HeldBy(item), dueAt],
            cancellationToken);

    /// <summary>
    /// Gives back what was claimed and not worked on to its end: due as it was, for whoever comes first, and not counted as an attempt.
    /// </summary>
    public async Task ReleaseAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var released = await RunAsync(
            $"UPDATE {Table} SET claimed_by = NULL, claimed_until = NULL, attempts = attempts - 1 WHERE {Held}",
            HeldBy(item),
            cancellationToken);
        if (released)
        {
            await RunAsync($"NOTIFY {Table}", [], cancellationToken);
        }
    }

    /// <summary>Tells all replicas to look, when the transaction of <paramref name="context"/> commits.</summary>
    public static Task NotifyAsync(DbContext context, string table, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(FormattableStringFactory.Create($"NOTIFY {PlainName.Of(table)}"), cancellationToken);

    /// <summary>Whether a queue has something that falls due before <c>$1</c>, or that a replica does not renew: an expression.</summary>
    internal static string IsDueSql(string table) =>
        $"""
        (EXISTS (SELECT FROM {table} WHERE claimed_by IS NULL AND due_at <= $1)
            OR EXISTS (SELECT FROM {table} WHERE claimed_by IS NOT NULL AND claimed_until <= clock_timestamp()))
        """;

    private string DeferSql => $"UPDATE {Table} SET claimed_by = NULL, claimed_until = NULL, due_at = $5 WHERE {Held}";

    private object[] HeldBy(WorkItem item) => [item.Tenant.Value, item.Id, Worker, item.Attempts];

    private Task<bool> RenewAsync(WorkItem item, CancellationToken cancellationToken) =>
        RunAsync($"UPDATE {Table} SET claimed_until = clock_timestamp() + $5 WHERE {Held}", [.. HeldBy(item), LeaseLength], cancellationToken);

    private async Task<bool> RunAsync(string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = _statements.CreateCommand(sql);
        AddParameters(command, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static Task<bool> InAsync(DbContext context, string sql, object[] parameters, CancellationToken cancellationToken) =>
        InAsync(context, sql, parameters, async command => await command.ExecuteNonQueryAsync(cancellationToken) == 1, cancellationToken);

    private static Task<T?> AskAsync<T>(DbContext context, string sql, object[] parameters, CancellationToken cancellationToken)
        where T : struct => InAsync(
        context, sql, parameters, async command => await command.ExecuteScalarAsync(cancellationToken) as T?, cancellationToken);

    private static async Task<T> InAsync<T>(
        DbContext context, string sql, object[] parameters, Func<DbCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = sql;
            command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
            AddParameters(command, parameters);
            return await run(command);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    private static void AddParameters(DbCommand command, object[] parameters)
    {
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }
}
