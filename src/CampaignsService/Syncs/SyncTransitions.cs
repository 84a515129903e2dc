using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>What became of the contacts of one call.</summary>
internal sealed record SyncOutcomes(IReadOnlyList<SyncContactOutcome> Ended, bool WasCalled, double ContactsPerMinute);

/// <summary>
/// Every change that a sync goes through, and what it means for the queue, in one transaction each: those that people ask for, those of its
/// run, and how far the run has come. Those that are given a connection are part of the caller's transaction. Each holds only in a state
/// that it can come from: people and another run may have been faster.
/// </summary>
internal sealed class SyncTransitions(TenantDb<CampaignsDbContext> db, TimeProvider clock)
{
    // what every step forward does
    private const string Forward = "event = event + 1, failures = 0, code = NULL, message = NULL, waits_until = NULL";

    private static readonly string IsPreparing = $"state = {(int)SyncState.Preparing}";
    private static readonly string IsRunning = $"state = {(int)SyncState.Running}";
    private static readonly string IsPausedPrepared = $"state = {(int)SyncState.Paused} AND prepared";
    private static readonly string IsAwaiting = $"state = {(int)SyncState.Paused} AND waits_until IS NOT NULL";
    private static readonly string IsWorking = $"state IN ({(int)SyncState.Preparing}, {(int)SyncState.Running})";

    /// <summary>Stops it where it is, for a person; calls that are on their way come to their end.</summary>
    public Task<Result<SyncRow>> PauseAsync(Caller caller, Guid id, CancellationToken cancellationToken) => AskedAsync(
        caller,
        AuditActions.SyncPaused,
        id,
        row => row.HasEnded ? SyncFailures.HasEnded : null,
        async connection =>
        {
            await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, state = {(int)SyncState.Paused}, code = $2, message = $3, waits_until = NULL
                WHERE id = $1
                """,
                [id, SyncFailures.PausedByRequest.Code, SyncFailures.PausedByRequest.Message],
                cancellationToken);
            await SyncQueue.DueAsync(connection, id, null, cancellationToken);
        },
        cancellationToken);

    public Task<Result<SyncRow>> ResumeAsync(Caller caller, Guid id, CancellationToken cancellationToken) => AskedAsync(
        caller,
        AuditActions.SyncResumed,
        id,
        row => row.HasEnded ? SyncFailures.HasEnded : row.State is SyncState.Paused ? null : SyncFailures.NotPaused,
        async connection =>
        {
            await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, code = NULL, message = NULL, waits_until = NULL, failures = 0,
                    state = CASE WHEN prepared THEN {(int)SyncState.Running} ELSE {(int)SyncState.Queued} END
                WHERE id = $1
                """,
                [id],
                cancellationToken);
            await SyncQueue.DueAsync(connection, id, clock.GetUtcNow(), cancellationToken);
        },
        cancellationToken);

    /// <summary>Ends it for good, for a person. What is left in the ledger stays pending.</summary>
    public Task<Result<SyncRow>> CancelAsync(Caller caller, Guid id, CancellationToken cancellationToken) => AskedAsync(
        caller,
        AuditActions.SyncCancelled,
        id,
        row => row.HasEnded ? SyncFailures.HasEnded : null,
        async connection =>
        {
            await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, state = {(int)SyncState.Cancelled}, code = NULL, message = NULL, waits_until = NULL,
                    sealed_connection = NULL, ended_at = $2
                WHERE id = $1
                """,
                [id, clock.GetUtcNow()],
                cancellationToken);
            await SyncQueue.EndUnlessHeldAsync(connection, id, cancellationToken);
            await SyncExpiry.NoteEndAsync(connection, id, clock.GetUtcNow(), cancellationToken);
        },
        cancellationToken);

    /// <summary>Takes one that has ended out of sight, with its ledger, for a person. It is as it was until then.</summary>
    public Task<Result<SyncRow>> DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) => AskedAsync(
        caller,
        AuditActions.SyncDeleted,
        id,
        row => row.HasEnded ? null : SyncFailures.NotEnded,
        connection => SyncExpiry.HideAsync(connection, id, clock.GetUtcNow(), cancellationToken),
        cancellationToken);

    /// <summary>A run has taken it from the queue.</summary>
    public Task BeginAsync(TenantId tenant, Guid id, CancellationToken cancellationToken) => InAsync(
        tenant,
        connection => connection.RunAsync(
            $"""
            UPDATE syncs SET event = event + 1, state = {(int)SyncState.Preparing}, started_at = coalesce(started_at, $2)
            WHERE id = $1 AND state = {(int)SyncState.Queued}
            """,
            [id, clock.GetUtcNow()],
            cancellationToken),
        cancellationToken);

    /// <summary>
    /// A connection is missing, or lacks something. It looks for it ever more seldom, and at once when <see cref="SyncWaits"/> is told of
    /// a change. People are told once, until it is something else or the sync came forward.
    /// </summary>
    public Task AwaitAsync(TenantId tenant, Guid id, Failure reason, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            var failures = await connection.AskAsync<int>("SELECT failures FROM syncs WHERE id = $1 FOR UPDATE", [id], cancellationToken);
            var isTold = failures > 0
                && await connection.AskAsync<string>("SELECT code FROM syncs WHERE id = $1", [id], cancellationToken) == reason.Code;
            var until = clock.GetUtcNow() + Backoff.After(failures + 1, reason.RetryAfter);
            if (await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, state = {(int)SyncState.Paused}, code = $2, message = $3, waits_until = $4, failures = failures + 1
                WHERE id = $1 AND ({IsWorking} OR {IsAwaiting})
                """,
                [id, reason.Code, reason.Message, until],
                cancellationToken) == 1)
            {
                await SyncQueue.DueAsync(connection, id, until, cancellationToken);
                if (!isTold)
                {
                    await TellAsync(connection, tenant, EventCatalogue.SyncPaused, id, cancellationToken);
                }
            }
        },
        cancellationToken);

    /// <summary>What it missed may be there: it tries, and what stood in its way stays said until it has come forward.</summary>
    public Task GoOnAsync(TenantId tenant, Guid id, CancellationToken cancellationToken) => InAsync(
        tenant,
        connection => connection.RunAsync(
            $"""
            UPDATE syncs SET event = event + 1, waits_until = NULL,
                state = CASE WHEN prepared THEN {(int)SyncState.Running} ELSE {(int)SyncState.Queued} END
            WHERE id = $1 AND {IsAwaiting}
            """,
            [id],
            cancellationToken),
        cancellationToken);

    /// <summary>A person has to act before it can go on.</summary>
    public Task PauseAsync(TenantId tenant, Guid id, Failure reason, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            if (await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, state = {(int)SyncState.Paused}, code = $2, message = $3, waits_until = NULL
                WHERE id = $1 AND {IsWorking}
                """,
                [id, reason.Code, reason.Message],
                cancellationToken) == 1)
            {
                await SyncQueue.DueAsync(connection, id, null, cancellationToken);
                await TellAsync(connection, tenant, EventCatalogue.SyncPaused, id, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>
    /// It goes on by itself, later: when a quota that was used up is free again, and ever more seldom where anything else stands in its
    /// way.
    /// </summary>
    public Task WaitAsync(TenantId tenant, Guid id, Failure reason, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            var failures = await connection.AskAsync<int>("SELECT failures FROM syncs WHERE id = $1 FOR UPDATE", [id], cancellationToken);
            var isCounted = reason.Kind is not FailureKind.RateLimited || reason.RetryAfter is null;
            var wait = isCounted ? Backoff.After(failures + 1, reason.RetryAfter) : reason.RetryAfter!.Value;
            var until = clock.GetUtcNow() + wait;
            if (await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, code = $2, message = $3, waits_until = $4, failures = failures + $5
                WHERE id = $1 AND {IsWorking}
                """,
                [id, reason.Code, reason.Message, until, isCounted ? 1 : 0],
                cancellationToken) == 1)
            {
                await SyncQueue.DueAsync(connection, id, until, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>Its next call is to be made then; it is in nobody's hands until that moment.</summary>
    public Task LaterAsync(TenantId tenant, Guid id, TimeSpan wait, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            // unless somebody stopped it
            if (await connection.AskAsync<int>($"SELECT 1 FROM syncs WHERE id = $1 AND {IsWorking} FOR UPDATE", [id], cancellationToken) == 1)
            {
                await SyncQueue.DueAsync(connection, id, clock.GetUtcNow() + wait, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>It can never go on: its source or its mapping cannot be used.</summary>
    public Task FailAsync(TenantId tenant, Guid id, Failure reason, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            if (await connection.RunAsync(
                $"""
                UPDATE syncs SET event = event + 1, state = {(int)SyncState.Failed}, code = $2, message = $3, waits_until = NULL,
                    sealed_connection = NULL, ended_at = $4
                WHERE id = $1 AND {IsWorking}
                """,
                [id, reason.Code, reason.Message, clock.GetUtcNow()],
                cancellationToken) == 1)
            {
                await SyncQueue.EndAsync(connection, id, cancellationToken);
                await SyncExpiry.NoteEndAsync(connection, id, clock.GetUtcNow(), cancellationToken);
                await TellAsync(connection, tenant, EventCatalogue.SyncFailed, id, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>A run has found nothing to do: the queue is told what the sync's state says.</summary>
    public Task SettleAsync(TenantId tenant, Guid id, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            switch ((SyncState)await connection.AskAsync<int>("SELECT state FROM syncs WHERE id = $1 FOR UPDATE", [id], cancellationToken))
            {
                case SyncState.Paused:
                    await SyncQueue.DueAsync(connection, id, null, cancellationToken);
                    break;
                case SyncState.Queued or SyncState.Preparing or SyncState.Running:
                    // resumed just now
                    break;
                default:
                    await SyncQueue.EndAsync(connection, id, cancellationToken);
                    break;
            }
        },
        cancellationToken);

    /// <summary>Zoho knows every field of the mapping. False where somebody else was faster; so with those below.</summary>
    public Task<bool> FieldsCheckedAsync(SyncRow sync, bool sendsConfirmations, int calls, CancellationToken cancellationToken) => InAsync(
        sync.TenantId,
        async connection => await connection.RunAsync(
            $"""
            UPDATE syncs SET {Forward}, fields_checked = true, sends_confirmations = $2, calls = calls + $3
            WHERE id = $1 AND {IsPreparing} AND NOT fields_checked
            """,
            [sync.Id, sendsConfirmations, calls],
            cancellationToken) == 1,
        cancellationToken);

    /// <summary>The list is waited for from now on, as it is from now on.</summary>
    public Task<bool> ListAskedAsync(SyncRow sync, DateTimeOffset at, CancellationToken cancellationToken) => InAsync(
        sync.TenantId,
        async connection => await connection.RunAsync(
            $"UPDATE syncs SET event = event + 1, list_asked_at = $2 WHERE id = $1 AND {IsPreparing} AND list_asked_at IS NULL",
            [sync.Id, at],
            cancellationToken) == 1,
        cancellationToken);

    /// <summary>The list cannot be known: who tries again asks for it anew.</summary>
    public Task<bool> ListFailedAsync(SyncRow sync, CancellationToken cancellationToken) => InAsync(
        sync.TenantId,
        async connection => await connection.RunAsync(
            $"UPDATE syncs SET list_asked_at = NULL WHERE id = $1 AND {IsPreparing} AND NOT prepared", [sync.Id], cancellationToken) == 1,
        cancellationToken);

    /// <summary>A page of the source is in the ledger.</summary>
    public static async Task<bool> SourceReadAsync(
        NpgsqlConnection connection,
        SyncRow sync,
        string? lastKey,
        bool isLast,
        long read,
        long invalid,
        long duplicate,
        CancellationToken cancellationToken) =>
        await connection.RunAsync(
            $"""
            UPDATE syncs SET {Forward}, source_key = $2, source_read = $3,
                sealed_connection = CASE WHEN $3 THEN NULL ELSE sealed_connection END,
                total = CASE WHEN upload_id IS NULL THEN $4 ELSE total END,
                invalid = invalid + $5, duplicate = duplicate + $6
            WHERE id = $1 AND {IsPreparing} AND source_key IS NOT DISTINCT FROM $7
            """,
            [sync.Id, Text(lastKey), isLast, read, invalid, duplicate, Text(sync.SourceKey)],
            cancellationToken) == 1;

    /// <summary>The ledger is about to be held against the list: nobody else does until the transaction ends.</summary>
    public static async Task<bool> ComparingAsync(NpgsqlConnection connection, SyncRow sync, CancellationToken cancellationToken) =>
        await connection.RunAsync(
            $"UPDATE syncs SET {Forward} WHERE id = $1 AND {IsPreparing} AND NOT prepared", [sync.Id], cancellationToken) == 1;

    /// <summary>What is left in the ledger can be pushed.</summary>
    public static async Task PreparedAsync(NpgsqlConnection connection, SyncRow sync, CancellationToken cancellationToken)
    {
        await connection.RunAsync(
            $"""
            UPDATE syncs SET prepared = true, state = {(int)SyncState.Running}, added = n.added, updated = n.updated, existing = n.existing,
                suppressed = n.suppressed, confirmation_sent = n.confirmation_sent
            FROM (
                SELECT count(*) FILTER (WHERE outcome = {(int)SyncContactOutcome.Added}) AS added,
                    count(*) FILTER (WHERE outcome = {(int)SyncContactOutcome.Updated}) AS updated,
                    count(*) FILTER (WHERE outcome = {(int)SyncContactOutcome.Existing}) AS existing,
                    count(*) FILTER (WHERE outcome = {(int)SyncContactOutcome.Suppressed}) AS suppressed,
                    count(*) FILTER (WHERE outcome = {(int)SyncContactOutcome.ConfirmationSent}) AS confirmation_sent
                FROM sync_contacts WHERE sync_id = $1) n
            WHERE id = $1
            """,
            [sync.Id],
            cancellationToken);
    }

    /// <summary>A call is about to be made.</summary>
    public static async Task<bool> CallingAsync(NpgsqlConnection connection, SyncRow sync, CancellationToken cancellationToken) =>
        await connection.RunAsync($"UPDATE syncs SET calls = calls + 1 WHERE id = $1 AND {IsRunning}", [sync.Id], cancellationToken) == 1;

    /// <summary>The number of the event that <see cref="RecordedAsync"/> is, for the ledger; nobody else takes one until then.</summary>
    public static Task<long> NextEventAsync(NpgsqlConnection connection, SyncRow sync, CancellationToken cancellationToken) =>
        connection.AskAsync<long>("SELECT event + 1 FROM syncs WHERE id = $1 FOR UPDATE", [sync.Id], cancellationToken);

    /// <summary>The outcomes of a call are in the ledger. In any state: what was on its way comes to its end.</summary>
    public static Task RecordedAsync(
        NpgsqlConnection connection, SyncRow sync, long number, SyncOutcomes outcomes, CancellationToken cancellationToken)
    {
        return connection.RunAsync(
            $"""
            UPDATE syncs SET event = $2, calls = calls - $3, added = added + $4, updated = updated + $5, existing = existing + $6,
                suppressed = suppressed + $7, invalid = invalid + $8, errors = errors + $9, contacts_per_minute = $10,
                confirmation_sent = confirmation_sent + $12,
                failures = CASE WHEN $11 THEN 0 ELSE failures END,
                code = CASE WHEN $11 AND {IsRunning} THEN NULL ELSE code END,
                message = CASE WHEN $11 AND {IsRunning} THEN NULL ELSE message END,
                waits_until = CASE WHEN $11 THEN NULL ELSE waits_until END
            WHERE id = $1
            """,
            [
                sync.Id, number, outcomes.WasCalled ? 0 : 1, Count(SyncContactOutcome.Added), Count(SyncContactOutcome.Updated),
                Count(SyncContactOutcome.Existing), Count(SyncContactOutcome.Suppressed), Count(SyncContactOutcome.Invalid),
                Count(SyncContactOutcome.Error), outcomes.ContactsPerMinute, outcomes.Ended.Count > 0,
                Count(SyncContactOutcome.ConfirmationSent),
            ],
            cancellationToken);

        int Count(SyncContactOutcome outcome) => outcomes.Ended.Count(one => one == outcome);
    }

    /// <inheritdoc cref="EndAsync(NpgsqlConnection, SyncRow, CancellationToken)"/>
    public Task<bool> EndAsync(SyncRow sync, CancellationToken cancellationToken) =>
        InAsync(sync.TenantId, connection => EndAsync(connection, sync, cancellationToken), cancellationToken);

    /// <summary>
    /// All of it is done, whatever stands in the way of a further call, and also where a person has paused it meanwhile. False while something
    /// of the ledger is pending.
    /// </summary>
    public async Task<bool> EndAsync(NpgsqlConnection connection, SyncRow sync, CancellationToken cancellationToken)
    {
        var ended = await connection.RunAsync(
            $"""
            UPDATE syncs SET event = event + 1, state = {(int)SyncState.Completed}, ended_at = $2, code = NULL, message = NULL,
                waits_until = NULL
            WHERE id = $1 AND ({IsRunning} OR {IsPausedPrepared}) AND NOT EXISTS (
                SELECT 1 FROM sync_contacts WHERE sync_id = $1 AND outcome = {(int)SyncContactOutcome.Pending})
            """,
            [sync.Id, clock.GetUtcNow()],
            cancellationToken) == 1;
        if (ended)
        {
            await SyncQueue.EndAsync(connection, sync.Id, cancellationToken);
            await SyncExpiry.NoteEndAsync(connection, sync.Id, clock.GetUtcNow(), cancellationToken);
            await TellAsync(connection, sync.TenantId, EventCatalogue.SyncFinished, sync.Id, cancellationToken);
        }

        return ended;
    }

    // the source is left out: it may name a host or a file of the tenant's
    private async Task TellAsync(NpgsqlConnection connection, TenantId tenant, EventType type, Guid id, CancellationToken cancellationToken)
    {
        object data;
        await using (var command = connection.Command(
            """
            SELECT state, code, message, dry_run, total, added, updated, existing, suppressed, invalid, duplicate, errors,
                filtered, confirmation_sent
            FROM syncs WHERE id = $1
            """,
            [id]))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            data = new
            {
                sync = new
                {
                    id,
                    state = JsonNamingPolicy.SnakeCaseLower.ConvertName(((SyncState)row.GetInt32(0)).ToString()),
                    dry_run = row.GetBoolean(3),
                    total = row.GetInt64(4),
                    added = row.GetInt64(5),
                    updated = row.GetInt64(6),
                    existing = row.GetInt64(7),
                    suppressed = row.GetInt64(8),
                    invalid = row.GetInt64(9),
                    duplicate = row.GetInt64(10),
                    errors = row.GetInt64(11),
                    filtered = row.GetInt64(12),
                    confirmation_sent = row.GetInt64(13),
                },
                code = row.IsDBNull(1) ? null : row.GetString(1),
                message = row.IsDBNull(2) ? null : row.GetString(2),
            };
        }

        await connection.RaiseAsync(tenant, type, $"sync:{id}", data, clock.GetUtcNow(), cancellationToken);
    }

    private async Task<Result<SyncRow>> AskedAsync(
        Caller caller,
        string action,
        Guid id,
        Func<SyncRow, Failure?> refuse,
        Func<NpgsqlConnection, Task> change,
        CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync("SELECT 1 FROM syncs WHERE id = $1 FOR UPDATE", [id], cancellationToken);
        var row = await context.Syncs.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
        if (row is null)
        {
            return SyncFailures.NotFound;
        }

        if (refuse(row) is { } failure)
        {
            return failure;
        }

        await change(connection);
        var changed = await context.Syncs.IgnoreQueryFilters().AsNoTracking().SingleAsync(s => s.Id == id, cancellationToken);
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, row.AuditSubject, new
        {
            before = row.State.ToString(),
            after = changed.DeletedAt is null ? changed.State.ToString() : "Deleted",
        }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    private async Task<T> InAsync<T>(TenantId tenant, Func<NpgsqlConnection, Task<T>> change, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await change(connection);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private Task<bool> InAsync(TenantId tenant, Func<NpgsqlConnection, Task> change, CancellationToken cancellationToken) => InAsync(
        tenant,
        async connection =>
        {
            await change(connection);
            return true;
        },
        cancellationToken);

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
