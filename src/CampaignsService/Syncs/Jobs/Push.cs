using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Pushes what is pending in a prepared sync's ledger. Contacts are marked as on their way before the call and get their outcome after it:
/// those that a run left marked are pushed again, which does no harm at Zoho, and are known to be in doubt. One in doubt that Zoho now
/// holds, and did not hold when the list was read, was added by the run that did not live to say so.
/// </summary>
internal sealed partial class Push(
    TenantDb<CampaignsDbContext> db, CampaignsClient campaigns, SyncPace pace, CampaignsMetrics metrics, TimeProvider clock,
    ILogger<Push> logger)
{
    // an answer of Zoho's takes up to a second: with fewer at once the usual rate could not be reached
    private const int AtOnce = 4;

    // with the waits between them more than an hour
    private const int TriesOfAContact = 20;

    // one that Zoho cannot take must not hold up nine others for ever
    private const int TriesTogether = 3;

    private static readonly TimeSpan RecordAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <param name="sync">As it was when the run came to it.</param>
    /// <param name="call">On whose behalf Zoho is called.</param>
    /// <param name="run">Marks what is on its way.</param>
    /// <param name="stopping">Nothing new is begun any more; what is on its way comes to its end.</param>
    /// <param name="lost">Another run may have taken over: everything is dropped.</param>
    public async Task<Step> RunAsync(SyncRow sync, ProviderCall call, Guid run, CancellationToken stopping, CancellationToken lost)
    {
        var pacer = new Speed(clock);
        var sending = new List<Task<Step>>();
        var step = Step.GoOn;
        try
        {
            while (step.End is StepEnd.GoOn)
            {
                step = await ReapAsync(sending, AtOnce - 1);
                if (step.End is not StepEnd.GoOn)
                {
                    break;
                }

                if (await pace.WaitAsync(sync.TenantId, sync.Rate, stopping) is { } unpaced)
                {
                    step = Step.After(unpaced);
                }
                else if (await TakeAsync(sync, run, lost) is { Count: > 0 } batch)
                {
                    sending.Add(SendAsync(sync, call, run, batch, pacer, lost));
                }
                else if (sending.Count > 0)
                {
                    step = await ReapAsync(sending, 0);
                }
                else
                {
                    return await FinishAsync(sync, lost);
                }
            }
        }
        finally
        {
            var rest = await ReapAsync(sending, 0);
            step = rest.End > step.End ? rest : step;
        }

        return step;
    }

    // waits until no more than so many are on their way; the gravest of what has ended counts
    private static async Task<Step> ReapAsync(List<Task<Step>> sending, int atMost)
    {
        var gravest = Step.GoOn;
        while (sending.Count > atMost || sending.Exists(one => one.IsCompleted))
        {
            var ended = await Task.WhenAny(sending);
            sending.Remove(ended);
            var step = await ended;
            gravest = step.End > gravest.End ? step : gravest;
        }

        return gravest;
    }

    // ten addresses fit into one call, as long as they are all that is sent
    private async Task<List<Contact>> TakeAsync(SyncRow sync, Guid run, CancellationToken cancellationToken)
    {
        if (sync.Fields.IsAddressOnly
            && await TakeAsync(sync, run, CampaignsClient.BulkSize, alone: false, cancellationToken) is { Count: > 0 } bulk)
        {
            return bulk;
        }

        return await TakeAsync(sync, run, 1, sync.Fields.IsAddressOnly ? true : null, cancellationToken);
    }

    private async Task<List<Contact>> TakeAsync(SyncRow sync, Guid run, int most, bool? alone, CancellationToken cancellationToken)
    {
        var taken = new List<Contact>(most);
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isRunning = await connection.RunAsync(
            $"UPDATE syncs SET calls = calls + 1 WHERE id = $1 AND state = {(int)SyncState.Running}", [sync.Id], cancellationToken) == 1;
        if (!isRunning)
        {
            return taken;
        }

        await using (var command = connection.Command(
            $"""
            WITH n AS MATERIALIZED (
                SELECT position FROM sync_contacts
                WHERE sync_id = $1 AND outcome = {(int)SyncContactOutcome.Pending} AND run IS DISTINCT FROM $2
                    AND (retry_at IS NULL OR retry_at <= $3) AND ($5::boolean IS NULL OR (resubscribe OR attempts >= {TriesTogether}) = $5)
                ORDER BY position LIMIT $4 FOR UPDATE SKIP LOCKED)
            UPDATE sync_contacts c SET run = $2, in_doubt = c.in_doubt OR c.run IS NOT NULL, retry_at = NULL
            FROM n
            WHERE c.sync_id = $1 AND c.position = n.position
            RETURNING c.position, c.email, c.fields::text, c.on_list, c.resubscribe, c.in_doubt, c.attempts
            """,
            [
                sync.Id, run, clock.GetUtcNow(), most,
                new NpgsqlParameter { Value = (object?)alone ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
            ]))
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                taken.Add(new Contact(
                    rows.GetInt64(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2),
                    rows.GetBoolean(3), rows.GetBoolean(4), rows.GetBoolean(5), rows.GetInt32(6)));
            }
        }

        if (taken.Count > 0)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return taken;
    }

    private async Task<Step> SendAsync(
        SyncRow sync, ProviderCall call, Guid run, List<Contact> batch, Speed speed, CancellationToken lost)
    {
        var (results, step) = batch is [{ } only] && (only.Resubscribe || only.Tries >= TriesTogether || !sync.Fields.IsAddressOnly)
            ? await SubscribeAsync(sync, call, only, lost)
            : await AddInBulkAsync(sync, call, batch, lost);
        var wasCalled = step.Failure?.Kind is not FailureKind.RateLimited;
        while (true)
        {
            try
            {
                await RecordAsync(sync, run, results, speed, wasCalled, lost);
                return step;
            }
            catch (Exception e) when (StorageOutage.Is(e) && !lost.IsCancellationRequested)
            {
                // Zoho has answered, and an answer that is not written down costs a second call
                LogNotRecordedYet(sync.Id, e.Message);
                await Task.Delay(RecordAgainAfter, clock, lost);
            }
        }
    }

    private async Task<(List<Result> Results, Step Step)> AddInBulkAsync(
        SyncRow sync, ProviderCall call, List<Contact> batch, CancellationToken cancellationToken)
    {
        var answer = await campaigns.AddInBulkAsync(call, sync.ListKey, [.. batch.Select(contact => contact.Email)], cancellationToken);
        return answer.Succeeded(out var outcome, out var failure)
            ? ([.. batch.Select(contact => OfBulk(sync, contact, outcome))], Step.GoOn)
            : Failed(sync, batch, failure);
    }

    private static Result OfBulk(SyncRow sync, Contact contact, BulkOutcome outcome)
    {
        if (outcome.Ignored.Contains(contact.Email))
        {
            // with consent, the method for one contact can bring it back, or says why not
            return sync.ConsentReason is not null
                ? contact.Later(null) with { Resubscribe = true }
                : contact.Ended(
                    SyncContactOutcome.Suppressed,
                    "ignored_by_zoho",
                    "Zoho Campaigns did not take the address: it is a group's, or on Do-Not-Mail.");
        }

        return contact.Ended(
            outcome.Existing.Contains(contact.Email) && !contact.InDoubt ? SyncContactOutcome.Existing : SyncContactOutcome.Added);
    }

    private async Task<(List<Result> Results, Step Step)> SubscribeAsync(
        SyncRow sync, ProviderCall call, Contact contact, CancellationToken cancellationToken)
    {
        var fields = contact.Fields is null
            ? new Dictionary<string, string>(StringComparer.Ordinal) { [FieldMap.EmailField] = contact.Email }
            : JsonSerializer.Deserialize<Dictionary<string, string>>(contact.Fields)!;
        var answer = await campaigns.SubscribeAsync(call, sync.ListKey, fields, contact.Resubscribe, cancellationToken);
        if (answer.Succeeded(out var outcome, out var failure))
        {
            var wasThere = contact.OnList || (outcome is SubscribeOutcome.AlreadySubscribed && !contact.InDoubt);
            return ([contact.Ended(wasThere ? SyncContactOutcome.Updated : SyncContactOutcome.Added)], Step.GoOn);
        }

        return failure.CampaignsClass switch
        {
            CampaignsCodeClass.Suppressed when sync.ConsentReason is not null && !contact.Resubscribe =>
                ([contact.Later(null) with { Resubscribe = true }], Step.GoOn),
            CampaignsCodeClass.Suppressed => ([contact.Ended(SyncContactOutcome.Suppressed, failure.Code, failure.Message)], Step.GoOn),
            CampaignsCodeClass.BadContact when failure.Code is "invalid_email" =>
                ([contact.Ended(SyncContactOutcome.Invalid, failure.Code, failure.Message)], Step.GoOn),
            CampaignsCodeClass.BadContact => ([contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message)], Step.GoOn),
            // this row has no value for a field that Zoho wants of everyone
            CampaignsCodeClass.BadRequest when failure.Code is "mandatory_field_missing" =>
                ([contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message)], Step.GoOn),
            _ => Failed(sync, [contact], failure),
        };
    }

    private (List<Result> Results, Step Step) Failed(SyncRow sync, List<Contact> batch, Failure failure)
    {
        LogFailed(sync.Id, failure.Code);
        // Zoho answered: it may lie in these contacts, and others go on
        if (failure.IsAnswerOfCampaigns
            && failure.CampaignsClass is CampaignsCodeClass.Retry or CampaignsCodeClass.BadContact or CampaignsCodeClass.Suppressed)
        {
            return (
                [.. batch.Select(contact => contact.Tries + 1 < TriesOfAContact
                    ? contact.Later(clock.GetUtcNow() + Backoff.After(contact.Tries + 1, failure.RetryAfter), failure) with { Tries = 1 }
                    : contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message))],
                Step.GoOn);
        }

        // without an answer nobody knows whether Zoho took them
        var inDoubt = failure.Kind is FailureKind.Unavailable;
        return ([.. batch.Select(contact => contact.Later(null) with { InDoubt = inDoubt })], Step.After(failure));
    }

    private async Task RecordAsync(
        SyncRow sync, Guid run, List<Result> results, Speed speed, bool wasCalled, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var number = await connection.AskAsync<long>("SELECT event + 1 FROM syncs WHERE id = $1 FOR UPDATE", [sync.Id], cancellationToken);
        var ended = new List<SyncContactOutcome>(results.Count);
        await using (var command = connection.Command(
            $"""
            UPDATE sync_contacts c SET
                outcome = r.outcome, code = r.code, message = r.message, retry_at = r.retry_at, run = NULL,
                in_doubt = c.in_doubt OR r.in_doubt, resubscribe = c.resubscribe OR r.resubscribe, attempts = c.attempts + r.tries,
                at = CASE WHEN r.outcome <> {(int)SyncContactOutcome.Pending} THEN $3 END,
                event = CASE WHEN r.outcome <> {(int)SyncContactOutcome.Pending} THEN $4 ELSE 0 END
            FROM unnest($5, $6, $7, $8, $9, $10, $11, $12) AS r (position, outcome, code, message, retry_at, in_doubt, resubscribe, tries)
            WHERE c.sync_id = $1 AND c.position = r.position AND c.run = $2 AND c.outcome = {(int)SyncContactOutcome.Pending}
            RETURNING c.outcome
            """,
            [
                sync.Id, run, now, number,
                results.ConvertAll(r => r.Position).ToArray(), results.ConvertAll(r => (int)r.Outcome).ToArray(),
                Texts(results.Select(r => r.Code)), Texts(results.Select(r => r.Message)),
                new NpgsqlParameter
                {
                    Value = results.ConvertAll(r => r.RetryAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
                },
                results.ConvertAll(r => r.InDoubt).ToArray(), results.ConvertAll(r => r.Resubscribe).ToArray(),
                results.ConvertAll(r => r.Tries).ToArray(),
            ]))
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                ended.Add((SyncContactOutcome)rows.GetInt32(0));
            }
        }

        ended.RemoveAll(outcome => outcome is SyncContactOutcome.Pending);
        var isFree = ended.Count > 0;
        await connection.RunAsync(
            $"""
            UPDATE syncs SET event = $2, calls = calls - $3, added = added + $4, updated = updated + $5, existing = existing + $6,
                suppressed = suppressed + $7, invalid = invalid + $8, errors = errors + $9, contacts_per_minute = $10,
                failures = CASE WHEN $11 THEN 0 ELSE failures END,
                code = CASE WHEN $11 AND state = {(int)SyncState.Running} THEN NULL ELSE code END,
                message = CASE WHEN $11 AND state = {(int)SyncState.Running} THEN NULL ELSE message END,
                waits_until = CASE WHEN $11 THEN NULL ELSE waits_until END
            WHERE id = $1
            """,
            [
                sync.Id, number, wasCalled ? 0 : 1, Count(SyncContactOutcome.Added), Count(SyncContactOutcome.Updated),
                Count(SyncContactOutcome.Existing), Count(SyncContactOutcome.Suppressed), Count(SyncContactOutcome.Invalid),
                Count(SyncContactOutcome.Error), speed.After(ended.Count), isFree,
            ],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Synced(ended);

        int Count(SyncContactOutcome outcome) => ended.Count(one => one == outcome);
    }

    // nothing could be taken: it is all done, or some wait for their next try, or the sync was stopped
    private async Task<Step> FinishAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var completed = await connection.RunAsync(
            $"""
            UPDATE syncs SET state = {(int)SyncState.Completed}, ended_at = $2, event = event + 1, code = NULL, message = NULL,
                waits_until = NULL
            WHERE id = $1 AND state = {(int)SyncState.Running} AND NOT EXISTS (
                SELECT 1 FROM sync_contacts WHERE sync_id = $1 AND outcome = {(int)SyncContactOutcome.Pending})
            """,
            [sync.Id, clock.GetUtcNow()],
            cancellationToken) == 1;
        if (completed)
        {
            await SyncWork.EndAsync(connection, sync.Id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return Step.Ended;
        }

        await using var command = connection.Command(
            $"""
            SELECT retry_at, code, message FROM sync_contacts
            WHERE sync_id = $1 AND outcome = {(int)SyncContactOutcome.Pending} AND retry_at IS NOT NULL ORDER BY retry_at LIMIT 1
            """,
            [sync.Id]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return Step.Ended;
        }

        var wait = rows.GetFieldValue<DateTimeOffset>(0) - clock.GetUtcNow();
        return new Step(
            StepEnd.Wait,
            new Failure(FailureKind.RateLimited, rows.GetString(1), rows.GetString(2))
            {
                RetryAfter = wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            });
    }

    private static NpgsqlParameter Texts(IEnumerable<string?> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId}: a call failed ({Code})")]
    private partial void LogFailed(Guid syncId, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId}: outcomes cannot be written yet ({Reason})")]
    private partial void LogNotRecordedYet(Guid syncId, string reason);

    /// <summary>A row of the ledger that is on its way.</summary>
    private sealed record Contact(long Position, string Email, string? Fields, bool OnList, bool Resubscribe, bool InDoubt, int Tries)
    {
        public Result Ended(SyncContactOutcome outcome, string? code = null, string? message = null) =>
            new(Position, outcome, code, message, null, false, false, 0);

        public Result Later(DateTimeOffset? retryAt, Failure? failure = null) =>
            new(Position, SyncContactOutcome.Pending, failure?.Code, failure?.Message, retryAt, false, false, 0);
    }

    /// <summary>What is written about it.</summary>
    private sealed record Result(
        long Position, SyncContactOutcome Outcome, string? Code, string? Message, DateTimeOffset? RetryAt, bool InDoubt, bool Resubscribe,
        int Tries);

    /// <summary>Contacts a minute, over the last minute of this run.</summary>
    private sealed class Speed(TimeProvider clock)
    {
        private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

        private readonly Lock _gate = new();
        private readonly Queue<(TimeSpan At, int Contacts)> _ended = [];
        private readonly long _started = clock.GetTimestamp();
        private long _contacts;

        public double After(int contacts)
        {
            lock (_gate)
            {
                var now = clock.GetElapsedTime(_started);
                _ended.Enqueue((now, contacts));
                _contacts += contacts;
                while (_ended.TryPeek(out var oldest) && oldest.At < now - Window)
                {
                    _contacts -= _ended.Dequeue().Contacts;
                }

                // a run that began just now has no minute yet, and its first second says nothing
                var minutes = Math.Clamp(now.TotalMinutes, 1.0 / 60, Window.TotalMinutes);
                return _contacts / minutes;
            }
        }
    }
}
