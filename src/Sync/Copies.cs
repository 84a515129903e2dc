using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>The copies of a service: to make, to look at, and to tell what a person or the source says.</summary>
public sealed class Copies<TContext>
    where TContext : TenantDbContext
{
    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "copy_not_found", "There is no such copy. List the copies to see those that exist.");

    private static readonly Failure NothingToAllow = new(
        FailureKind.Precondition, "nothing_to_confirm", "This copy waits for nobody's word: look at its state.");

    private readonly TenantDb<TContext> _db;
    private readonly Lazy<IEnumerable<CopyKind<TContext>>> _kinds;
    private readonly TimeProvider _clock;

    internal Copies(TenantDb<TContext> db, Lazy<IEnumerable<CopyKind<TContext>>> kinds, TimeProvider clock) =>
        (_db, _kinds, _clock) = (db, kinds, clock);

    /// <summary>
    /// The copy of this part of a source: a new one, which begins to be read when the transaction of <paramref name="context"/> commits, or the one
    /// that is there.
    /// </summary>
    /// <param name="context">Of the tenant.</param>
    /// <param name="kind">The name of a <see cref="CopyKind{TContext}"/> of this service.</param>
    /// <param name="connectionId">Through which it is read.</param>
    /// <param name="subject">Which part of the source; at most 200 characters.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    public async Task<Guid> MakeAsync(TContext context, string kind, string connectionId, string subject, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var made = await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO copies (
                tenant_id, id, kind, connection_id, subject, state, created_at, rows, ignores_filter, wanted, code, message, told_code, run_kind, step, position,
                generation, read_generation, reads_again, is_second_reading, run_read, run_written, run_deleted, run_calls, run_restarts, followed_last,
                deleted_unasked, vanishing, deletions_allowed)
            VALUES (
                {context.Tenant.Value}, {id}, {kind}, {connectionId}, {subject}, {(int)CopyState.Active}, {now}, 0, false, 0, '', '', '', 0, 0, '',
                0, 0, false, false, 0, 0, 0, 0, 0, false, 0, 0, false)
            ON CONFLICT (tenant_id, kind, connection_id, subject) DO NOTHING
            """,
            cancellationToken);
        if (made == 0)
        {
            return await context.Set<CopyRow>()
                .Where(row => row.Kind == kind && row.ConnectionId == connectionId && row.Subject == subject)
                .Select(row => row.Id)
                .SingleAsync(cancellationToken);
        }

        await QueueAsync(context, id, now, cancellationToken);
        return id;
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<CopyStatus>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        var rows = await context.Set<CopyRow>().AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return rows.ConvertAll(StatusOf);
    }

    /// <summary>Those through one connection, of one part of its source.</summary>
    public async Task<IReadOnlyList<CopyStatus>> FindAsync(
        TContext context, string connectionId, string subject, CancellationToken cancellationToken)
    {
        var rows = await context.Set<CopyRow>().AsNoTracking()
            .Where(row => row.ConnectionId == connectionId && row.Subject == subject)
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(StatusOf);
    }

    public async Task<Result<CopyStatus>> GetAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        return await context.Set<CopyRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row
            ? StatusOf(row)
            : NotFound;
    }

    /// <summary>Runs that have ended, the newest first: the last hundred are kept.</summary>
    public async Task<IReadOnlyList<CopyRun>> RunsAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        var runs = await context.Set<CopyRunRow>().AsNoTracking()
            .Where(run => run.CopyId == id)
            .OrderByDescending(run => run.Id)
            .ToListAsync(cancellationToken);
        return runs.ConvertAll(run => new CopyRun(
            run.Id, run.Kind, run.StartedAt, run.EndedAt, run.Read, run.Written, run.Deleted, run.Calls, run.Rows));
    }

    /// <summary>
    /// Has it looked at once. A run of as much that is under way counts for it, unless it has read the changes already; else it is followed by it.
    /// </summary>
    public Task<Result<CopyStatus>> RequestAsync(TenantId tenant, Guid id, CopyRunKind kind, CancellationToken cancellationToken) =>
        WithinAsync(tenant, context => RequestAsync(context, id, kind, cancellationToken), cancellationToken);

    /// <summary>The same in the transaction of <paramref name="context"/>, when it commits.</summary>
    public Task<Result<CopyStatus>> RequestAsync(TContext context, Guid id, CopyRunKind kind, CancellationToken cancellationToken) => ChangeAsync(
        context,
        id,
        row =>
        {
            // somebody may have mended the source
            row.IgnoresFilter = row.IgnoresFilter && kind is not CopyRunKind.Full;
            // whoever asks for changes means deletions, too
            row.DeletionsReadAt = null;
            row.Wanted = kind > row.Wanted && !CopyPlan.Covers(row, KindOf(row.Kind), kind) ? kind : row.Wanted;
            return null;
        },
        cancellationToken);

    /// <summary>Has everything read anew, from its beginning, when the transaction of <paramref name="context"/> commits: it is read otherwise from now on.</summary>
    public Task<Result<CopyStatus>> ReadAnewAsync(TContext context, Guid id, CancellationToken cancellationToken) => ChangeAsync(
        context,
        id,
        row =>
        {
            CopyPlan.Abandon(row);
            row.Wanted = CopyRunKind.Full;
            return null;
        },
        cancellationToken);

    /// <summary>Lets it rest until somebody resumes it, when the transaction commits. What a run has read is kept.</summary>
    public Task<Result<CopyStatus>> PauseAsync(TContext context, Guid id, CancellationToken cancellationToken) => ChangeAsync(
        context,
        id,
        row =>
        {
            Rest(row);
            return null;
        },
        cancellationToken);

    /// <summary>Goes on where it was, when the transaction commits. What was not allowed to be deleted is compared anew.</summary>
    public Task<Result<CopyStatus>> ResumeAsync(TContext context, Guid id, CancellationToken cancellationToken) => ChangeAsync(
        context,
        id,
        row =>
        {
            if (row.Vanishing > 0)
            {
                CopyPlan.Abandon(row);
                (row.Vanishing, row.Wanted) = (0, row.Wanted is CopyRunKind.Full ? CopyRunKind.Full : CopyRunKind.Check);
            }

            row.State = CopyState.Active;
            return null;
        },
        cancellationToken);

    /// <summary>A person's word on records that vanished, in the transaction: they are deleted, or the copy rests until it is resumed.</summary>
    public Task<Result<CopyStatus>> AnswerAsync(TContext context, Guid id, bool delete, CancellationToken cancellationToken) => ChangeAsync(
        context,
        id,
        row =>
        {
            if (row.State is not CopyState.Asking)
            {
                return NothingToAllow;
            }

            if (delete)
            {
                (row.State, row.DeletionsAllowed, row.Vanishing, row.DeletedUnasked) = (CopyState.Active, true, 0, 0);
            }
            else
            {
                Rest(row);
            }

            return null;
        },
        cancellationToken);

    /// <summary>
    /// These records were changed, or deleted: they are read within moments, whatever else the copy does, but for a source that wants to be left alone.
    /// </summary>
    /// <exception cref="InvalidOperationException">Its source gives no record by its id: ask for a look (<c>RequestAsync</c>).</exception>
    public async Task NoteChangedAsync(TenantId tenant, Guid id, IReadOnlyCollection<string> recordIds, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        var kind = await context.Set<CopyRow>().Where(row => row.Id == id).Select(row => row.Kind).SingleOrDefaultAsync(cancellationToken);
        if (kind is not null && !KindOf(kind).Source.TellsTimes)
        {
            throw new InvalidOperationException($"The source of {kind} gives no record by its id: nothing can be said of single ones.");
        }

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // first the queue's row, as who works on the copy: else each could wait for the other
        await context.Database.ExecuteSqlAsync(
            $"SELECT FROM copy_queue WHERE tenant_id = {tenant.Value} AND id = {id} FOR UPDATE", cancellationToken);
        var (now, ids) = (_clock.GetUtcNow(), recordIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray());
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO copy_hints (tenant_id, copy_id, record_id, id)
            SELECT c.tenant_id, c.id, h.record_id, gen_random_uuid() FROM copies c CROSS JOIN unnest({ids}) AS h(record_id) WHERE c.id = {id}
            ON CONFLICT (tenant_id, copy_id, record_id) DO UPDATE SET id = excluded.id
            """,
            cancellationToken);
        // whoever works on it keeps it
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE copy_queue q SET due_at = least(q.due_at, greatest({now}, c.not_before))
            FROM copies c WHERE c.id = {id} AND q.tenant_id = c.tenant_id AND q.id = c.id
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Something that copies through this connection may have waited for a person to see to is there: they are looked at at once. What passes by itself is
    /// left its time.
    /// </summary>
    public async Task WakeAsync(TenantId tenant, string connectionId, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        int[] passing = [(int)FailureKind.Unavailable, (int)FailureKind.RateLimited];
        var now = _clock.GetUtcNow();
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE copy_queue q SET due_at = {now}, attempts = 0
            FROM copies c
            WHERE c.connection_id = {connectionId} AND c.failure_kind <> ALL ({passing})
                AND q.tenant_id = c.tenant_id AND q.id = c.id AND q.due_at > {now}
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"UPDATE copies SET not_before = NULL WHERE connection_id = {connectionId} AND failure_kind <> ALL ({passing})", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private CopyKind<TContext> KindOf(string name) => _kinds.Value.Single(kind => kind.Name == name);

    private static void Rest(CopyRow row)
    {
        if (row.State is CopyState.Asking)
        {
            // the question is answered, and what stands there would tell to answer it
            (row.Code, row.Message) = (
                "deletions_refused", $"{row.Vanishing} records at least that are gone at the source were not deleted here: resume it to be asked again.");
        }

        row.State = CopyState.Paused;
    }

    private async Task<Result<CopyStatus>> WithinAsync(
        TenantId tenant, Func<TContext, Task<Result<CopyStatus>>> change, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var changed = await change(context);
        if (changed.Succeeded(out _, out _))
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return changed;
    }

    private async Task<Result<CopyStatus>> ChangeAsync(TContext context, Guid id, Func<CopyRow, Failure?> change, CancellationToken cancellationToken)
    {
        // first: whoever works on the copy has lost it then, and writes nothing over this
        await QueueAsync(context, id, _clock.GetUtcNow(), cancellationToken);
        if (await context.Set<CopyRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            return NotFound;
        }

        if (change(row) is { } refused)
        {
            return refused;
        }

        row.NotBefore = null;
        await context.SaveChangesAsync(cancellationToken);
        return StatusOf(row);
    }

    private static Task<int> QueueAsync(TContext context, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO copy_queue (tenant_id, id, due_at) VALUES ({context.Tenant.Value}, {id}, {now})
            ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, claimed_by = NULL, claimed_until = NULL
            """,
            cancellationToken);

    private CopyStatus StatusOf(CopyRow row) => new(
        row.Id,
        row.Kind,
        row.ConnectionId,
        row.Subject,
        row.State,
        row.Rows,
        row.ChangesUntil,
        row.ComparedAt,
        row.LastRunEndedAt,
        row is { RunId: not null, RunStartedAt: { } startedAt } ? ProgressOf(row, startedAt) : null,
        row.Wanted,
        row.Code.Length > 0 ? row.Code : null,
        row.Message.Length > 0 ? row.Message : null,
        row.FailedSince,
        row.Vanishing,
        row.IgnoresFilter,
        FailureOf(row));

    private Failure? FailureOf(CopyRow row) => row is { FailureKind: { } kind, NotBefore: { } notBefore }
        ? new Failure(kind, row.Code, row.Message) { RetryAfter = notBefore > _clock.GetUtcNow() ? notBefore - _clock.GetUtcNow() : TimeSpan.Zero }
        : null;

    private CopyProgress ProgressOf(CopyRow row, DateTimeOffset startedAt)
    {
        var now = _clock.GetUtcNow();
        var perSecond = now > startedAt ? row.RunRead / (now - startedAt).TotalSeconds : 0;
        return new CopyProgress(
            row.RunKind,
            startedAt,
            row.RunRead,
            row.RunWritten,
            row.RunDeleted,
            row.RunCalls,
            row.RunExpected,
            perSecond,
            row.RunExpected is { } expected && perSecond > 0 ? now + TimeSpan.FromSeconds(Math.Max(0, expected - row.RunRead) / perSecond) : null);
    }
}
