using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Telemetry;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// The ledger of a sync that is pushed: marks contacts as on their way, writes what became of them, and says when all is done. One that a
/// run left marked is in doubt from then on.
/// </summary>
internal sealed class PushLedger(TenantDb<CampaignsDbContext> db, SyncTransitions transitions, CampaignsMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// What the next call is made for: ten addresses fit into one, as long as they are all that is sent. Empty where nothing is left to
    /// take.
    /// </summary>
    public async Task<List<PushContact>> TakeAsync(SyncRow sync, Guid run, CancellationToken cancellationToken)
    {
        if (sync.GoesInBulk
            && await TakeAsync(sync, run, CampaignsClient.BulkSize, alone: false, cancellationToken) is { Count: > 0 } bulk)
        {
            return bulk;
        }

        return await TakeAsync(sync, run, 1, sync.GoesInBulk ? true : null, cancellationToken);
    }

    private async Task<List<PushContact>> TakeAsync(SyncRow sync, Guid run, int most, bool? alone, CancellationToken cancellationToken)
    {
        var taken = new List<PushContact>(most);
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SyncTransitions.CallingAsync(connection, sync, cancellationToken))
        {
            return taken;
        }

        await using (var command = connection.Command(
            $"""
            WITH n AS MATERIALIZED (
                SELECT position FROM sync_contacts
                WHERE sync_id = $1 AND outcome = {(int)SyncContactOutcome.Pending} AND run IS DISTINCT FROM $2
                    AND (retry_at IS NULL OR retry_at <= $3)
                    AND ($5::boolean IS NULL OR (resubscribe OR attempts >= {PushContact.TriesTogether}) = $5)
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
                taken.Add(new PushContact(
                    rows.GetInt64(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2),
                    rows.GetBoolean(3), rows.GetBoolean(4), rows.GetBoolean(5), rows.GetInt32(6)));
            }
        }

        if (taken.Count == 0)
        {
            return taken;
        }

        var marked = await MarkOptedOutAsync(context, connection, sync, taken, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return marked;
    }

    // the source may have been read long ago; who agreed with this sync and left since has left
    private static async Task<List<PushContact>> MarkOptedOutAsync(
        CampaignsDbContext context, NpgsqlConnection connection, SyncRow sync, List<PushContact> taken, CancellationToken cancellationToken)
    {
        var subjectKey = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        var subjects = taken.ConvertAll(contact => EmailSubject.Of(subjectKey, contact.Email));
        var optedOut = await OptOuts.FindAsync(
            connection, subjects, sync.ListKey, sync.ConsentReason is null ? null : sync.CreatedAt, cancellationToken);
        return
        [
            .. taken.Zip(subjects, (contact, subject) =>
                optedOut.TryGetValue(Convert.ToHexString(subject), out var reason) ? contact with { OptedOut = reason } : contact),
        ];
    }

    /// <summary>Writes down what a call came to.</summary>
    public async Task RecordAsync(
        SyncRow sync, Guid run, List<PushResult> results, PushSpeed speed, bool wasCalled, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var number = await SyncTransitions.NextEventAsync(connection, sync, cancellationToken);
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

        if (sync.ConsentReason is not null)
        {
            await AgreedAsync(context, connection, sync, number, now, cancellationToken);
        }

        ended.RemoveAll(outcome => outcome is SyncContactOutcome.Pending);
        await SyncTransitions.RecordedAsync(
            connection, sync, number, new SyncOutcomes(ended, wasCalled, speed.After(ended.Count)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.Synced(ended);
    }

    // who was brought back with their consent is no longer one who does not want to be written to
    private static async Task AgreedAsync(
        CampaignsDbContext context, NpgsqlConnection connection, SyncRow sync, long number, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var subjectKey = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        var (subjects, returned) = (new List<byte[]>(), new List<byte[]>());
        await using (var command = connection.Command(
            $"""
            SELECT email, resubscribe FROM sync_contacts WHERE sync_id = $1 AND event = $2 AND outcome IN (
                {(int)SyncContactOutcome.Added}, {(int)SyncContactOutcome.Updated}, {(int)SyncContactOutcome.ConfirmationSent})
            """,
            [sync.Id, number]))
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                subjects.Add(EmailSubject.Of(subjectKey, rows.GetString(0)));
                if (rows.GetBoolean(1))
                {
                    returned.Add(subjects[^1]);
                }
            }
        }

        await OptOuts.ForgetAsync(connection, subjects, sync.ListKey, sync.CreatedAt, cancellationToken);
        await ListCopies.NoteReturnedAsync(context, returned, sync.ListKey, now, cancellationToken);
    }

    /// <summary>Nothing could be taken: it is all done, or some wait for their next try, or the sync was stopped.</summary>
    public async Task<Step> FinishAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await transitions.EndAsync(connection, sync, cancellationToken))
        {
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
}
