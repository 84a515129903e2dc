using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Makes a sync ready for pushing: the source's rows become the ledger, page by page, each page and the place it ends in one transaction;
/// then it is held against the copy of the list, so that nobody who left is pushed and nobody who is there already costs a call. Every piece can be
/// cut off anywhere and is gone on with from where it was.
/// </summary>
internal sealed class Preparation(
    TenantDb<CampaignsDbContext> db,
    TableRows tables,
    UploadStore uploads,
    SyncTransitions transitions,
    Seals seals,
    CampaignsClient campaigns,
    ListCopies lists,
    SyncPace pace,
    TimeProvider clock)
{
    private const int RowsPerPage = 1_000;

    // a list of some pages is read while the sync keeps its place; with a longer one it gives it back, and says how far that is
    private static readonly TimeSpan WaitInPlace = TimeSpan.FromSeconds(5);

    private const string NextEvent = "(SELECT event FROM syncs WHERE id = $1)";

    /// <summary>One piece of the work that is left; the caller reads the sync again and asks for the next.</summary>
    public async Task<Step> TakeStepAsync(SyncRow sync, ProviderCall call, CancellationToken cancellationToken) => sync switch
    {
        { FieldsChecked: false } => await CheckFieldsAsync(sync, call, cancellationToken),
        { SourceRead: false } => await ReadPageAsync(sync, cancellationToken),
        { ListAskedAt: null } => await AskForListAsync(sync, call, cancellationToken),
        _ => await AwaitListAsync(sync, call, cancellationToken),
    };

    private async Task<Step> CheckFieldsAsync(SyncRow sync, ProviderCall call, CancellationToken cancellationToken)
    {
        if (await pace.WaitAsync(sync, cancellationToken) is { } notYet)
        {
            return notYet;
        }

        if (!(await campaigns.GetContactFieldsAsync(call, cancellationToken)).Succeeded(out var fields, out var failure))
        {
            return Step.After(failure);
        }

        if (sync.Fields.Against(fields) is { } wrong)
        {
            return new Step(StepEnd.Fail, wrong);
        }

        if (!(await campaigns.GetMailingListsAsync(call, cancellationToken)).Succeeded(out var lists, out failure))
        {
            return Step.After(failure);
        }

        var sendsConfirmations = lists.Any(list => list.Key == sync.ListKey && list.HasSignupForm);
        return Moved(await transitions.FieldsCheckedAsync(sync, sendsConfirmations, calls: 2, cancellationToken));
    }

    private async Task<Step> ReadPageAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        var read = await ReadSoFarAsync(sync, cancellationToken);
        var most = (int)Math.Min(RowsPerPage, sync.RowLimit == 0 ? RowsPerPage : sync.RowLimit - read);
        if (!(await SourceAsync(sync, most, cancellationToken)).Succeeded(out var page, out var failure))
        {
            return Step.AfterSource(failure);
        }

        if (read + page.Rows.Count > SourceLimits.Rows)
        {
            return Step.AfterSource(SourceFailures.TooManyRows);
        }

        // an upload's rows were counted when its sync was made
        if (sync.Table is not null && await OthersAsync(sync, cancellationToken) + read + page.Rows.Count > SyncLimits.RowsOfATenant)
        {
            return Step.AfterSource(SyncFailures.LedgersFull);
        }

        var map = sync.Fields;
        var filters = sync.RowFilters;
        var contacts = page.Rows
            .Select(row => filters.FirstOrDefault(filter => !filter.Takes(row.Columns)) is { } filter
                ? map.Map(row.Columns).LeftOutBy(filter)
                : map.Map(row.Columns))
            .ToList();
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        var known = await KnownAsync(connection, sync.Id, contacts, cancellationToken);
        var subjectKey = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        var subjects = contacts.Where(contact => contact.Code is null).Select(contact => EmailSubject.Of(subjectKey, contact.Email)).ToList();
        var optedOut = await OptOuts.FindAsync(connection, subjects, sync.ListKey, since: null, cancellationToken);

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isLast = page.IsLast || (sync.RowLimit > 0 && read + page.Rows.Count >= sync.RowLimit);
        var lastKey = page.Rows.Count > 0 ? page.Rows[^1].Key : sync.SourceKey;
        if (sync.ConsentReason is null)
        {
            contacts = contacts.ConvertAll(contact =>
                contact.Code is null
                && optedOut.TryGetValue(Convert.ToHexString(EmailSubject.Of(subjectKey, contact.Email)), out var reason)
                    ? contact.OptedOut(reason)
                    : contact);
        }

        var added = await AddAsync(connection, sync, read, contacts, known, subjectKey, cancellationToken);
        // only from where this page began: another run may have been faster, or the sync was stopped
        if (!await SyncTransitions.SourceReadAsync(
            connection, sync, lastKey, isLast, read + page.Rows.Count, added.Invalid, added.Duplicate, cancellationToken))
        {
            return Step.Ended;
        }

        await connection.RunAsync(
            "UPDATE syncs SET filtered = filtered + $2 WHERE id = $1", [sync.Id, (long)contacts.Count(c => c.IsFiltered)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Step.GoOn;
    }

    private async Task<long> ReadSoFarAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        return await connection.AskAsync<long>(
            "SELECT coalesce(max(position), 0) FROM sync_contacts WHERE sync_id = $1", [sync.Id], cancellationToken);
    }

    private async Task<long> OthersAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        await using var context = db.For(sync.TenantId);
        return await SyncLimits.RowsKeptAsync(context, except: sync.Id, cancellationToken);
    }

    private async Task<Result<TablePage>> SourceAsync(SyncRow sync, int most, CancellationToken cancellationToken)
    {
        if (sync.Table is { } table)
        {
            var connectionString = seals.Open(SyncRow.ConnectionOf(sync.TenantId, sync.Id), sync.SealedConnection!);
            return await tables.ReadAsync(connectionString, table, sync.SourceKey, most, cancellationToken);
        }

        var position = sync.SourceKey is null ? 0 : long.Parse(sync.SourceKey, CultureInfo.InvariantCulture);
        return await uploads.ReadAsync(sync.TenantId, sync.UploadId!.Value, position, most, cancellationToken);
    }

    private static async Task<HashSet<string>> KnownAsync(
        NpgsqlConnection connection, Guid id, List<MappedContact> contacts, CancellationToken cancellationToken)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        await using var command = connection.Command(
            "SELECT key FROM sync_contacts WHERE sync_id = $1 AND key = ANY($2)",
            [id, contacts.Select(c => c.Key).OfType<string>().ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            known.Add(rows.GetString(0));
        }

        return known;
    }

    private async Task<(long Invalid, long Duplicate)> AddAsync(
        NpgsqlConnection connection, SyncRow sync, long read, List<MappedContact> contacts, HashSet<string> known,
        byte[] subjectKey, CancellationToken cancellationToken)
    {
        var (invalid, duplicate) = (0L, 0L);
        var outcomes = new int[contacts.Count];
        for (var i = 0; i < contacts.Count; i++)
        {
            var contact = contacts[i];
            if (contact.Key is not null && !known.Add(contact.Key))
            {
                contacts[i] = MappedContact.Wrong(contact.Email, "duplicate", "An earlier row of the source has this address.") with
                {
                    Mailbox = contact.Key,
                };
                outcomes[i] = (int)SyncContactOutcome.Duplicate;
                duplicate++;
            }
            else if (contact.IsOptedOut)
            {
                outcomes[i] = (int)SyncContactOutcome.Suppressed;
            }
            else if (contact.IsFiltered)
            {
                outcomes[i] = (int)SyncContactOutcome.Filtered;
            }
            else if (contact.Code is not null)
            {
                outcomes[i] = (int)SyncContactOutcome.Invalid;
                invalid++;
            }
            else
            {
                outcomes[i] = (int)SyncContactOutcome.Pending;
            }
        }

        await connection.RunAsync(
            $"""
            INSERT INTO sync_contacts (tenant_id, sync_id, position, email, key, subject, fields, outcome, code, message, at, event)
            SELECT $2, $1, $3 + r.number, r.email, r.key, r.subject, r.fields::jsonb, r.outcome, r.code, r.message,
                CASE WHEN r.outcome <> {(int)SyncContactOutcome.Pending} THEN $10 END,
                CASE WHEN r.outcome <> {(int)SyncContactOutcome.Pending} THEN {NextEvent} + 1 ELSE 0 END
            FROM unnest($4, $5, $6, $7, $8, $9, $11) WITH ORDINALITY AS r (email, key, fields, outcome, code, message, subject, number)
            """,
            [
                sync.Id, sync.TenantId.Value, read,
                Texts(contacts.Select(c => c.Email)), Texts(contacts.Select(c => c.Key)), Texts(contacts.Select(c => c.Fields)),
                outcomes, Texts(contacts.Select(c => c.Code)), Texts(contacts.Select(c => c.Message)), clock.GetUtcNow(),
                new NpgsqlParameter
                {
                    Value = contacts
                        .Select(c => (c.Key ?? c.Mailbox) is { } mailbox ? EmailSubject.Of(subjectKey, mailbox) : null)
                        .ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                },
            ],
            cancellationToken);
        return (invalid, duplicate);
    }

    private async Task<Step> AskForListAsync(SyncRow sync, ProviderCall call, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await lists.AskAsync(call, sync.ListKey, cancellationToken);
        return Moved(await transitions.ListAskedAsync(sync, now, cancellationToken));
    }

    private async Task<Step> AwaitListAsync(SyncRow sync, ProviderCall call, CancellationToken cancellationToken)
    {
        var list = await lists.WaitAsync(
            call, sync.ListKey, ListKind.OfAll, sync.ListAskedAt!.Value, settled: true, WaitInPlace, cancellationToken);
        if (list.Failure is { } failure)
        {
            await transitions.ListFailedAsync(sync, cancellationToken);
            return Step.After(failure);
        }

        return list.IsReady ? await CompareAsync(sync, list, cancellationToken) : new Step(StepEnd.Wait, BeingRead(list));
    }

    private static Failure BeingRead(ListStand list) => new(
        FailureKind.RateLimited,
        "list_being_read",
        $"The list is being read at Zoho: {list.Read} contacts so far{(list.Expected is { } expected ? $" of {expected}" : "")}. "
            + "The sync goes on by itself behind that.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    // who is on the list already, and who has left it; a dry run ends here with an outcome for everyone
    private async Task<Step> CompareAsync(SyncRow sync, ListStand list, CancellationToken cancellationToken)
    {
        const int Active = 0;
        var (pending, consent) = ((int)SyncContactOutcome.Pending, sync.ConsentReason is not null);
        var held = sync.Fields.IsAddressOnly ? SyncContactOutcome.Existing : sync.DryRun ? SyncContactOutcome.Updated
            : SyncContactOutcome.Pending;
        var back = sync.DryRun ? SyncContactOutcome.Updated : SyncContactOutcome.Pending;
        var gone = consent ? back : SyncContactOutcome.Suppressed;
        var added = sync.SendsConfirmations ? SyncContactOutcome.ConfirmationSent : SyncContactOutcome.Added;

        await using var context = db.For(sync.TenantId);
        var connection = await context.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SyncTransitions.ComparingAsync(connection, sync, cancellationToken))
        {
            return Step.Ended;
        }

        // rows as new as these have no statistics yet, and the planner would hold each contact against each of the list's
        await connection.RunAsync("SET LOCAL enable_nestloop = off", [], cancellationToken);
        await connection.RunAsync(
            $"""
            UPDATE sync_contacts c SET
                on_list = true,
                resubscribe = m.status <> {Active},
                outcome = CASE m.status WHEN {Active} THEN {(int)held} ELSE {(int)gone} END,
                code = CASE WHEN m.status <> {Active} AND NOT $2 THEN ($4::text[])[m.status] END,
                message = CASE WHEN m.status <> {Active} AND NOT $2 THEN ($5::text[])[m.status] END,
                at = CASE WHEN CASE m.status WHEN {Active} THEN {(int)held} ELSE {(int)gone} END <> {pending} THEN $3 END,
                event = CASE WHEN CASE m.status WHEN {Active} THEN {(int)held} ELSE {(int)gone} END <> {pending} THEN {NextEvent} ELSE 0 END
            FROM (
                SELECT subject, max(array_position($6, copy_id)) - 1 AS status FROM list_contacts
                WHERE copy_id = ANY ($6) AND returned_at IS NULL GROUP BY subject) m
            WHERE c.sync_id = $1 AND c.subject = m.subject AND c.outcome = {pending}
            """,
            [sync.Id, consent, clock.GetUtcNow(), Leavers.Codes.ToArray(), Leavers.Messages.ToArray(), list.Ids.ToArray()],
            cancellationToken);
        if (sync.DryRun)
        {
            await connection.RunAsync(
                $"""
                UPDATE sync_contacts SET outcome = {(int)added}, at = $2, event = {NextEvent}
                WHERE sync_id = $1 AND outcome = {pending}
                """,
                [sync.Id, clock.GetUtcNow()],
                cancellationToken);
        }

        await SyncTransitions.PreparedAsync(connection, sync, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Step.GoOn;
    }

    // where it has not moved, it was stopped, or another run was faster
    private static Step Moved(bool hasMoved) => hasMoved ? Step.GoOn : Step.Ended;

    private static NpgsqlParameter Texts(IEnumerable<string?> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
