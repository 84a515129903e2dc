using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Gates;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>Stores registrations and reads them back.</summary>
internal sealed class RegistrationStore(
    TenantDb<CampaignsDbContext> db, FreshRegistrations fresh, TimeProvider clock)
{
    private const int MostSubjectKeys = 10_000;

    // One statement, so that all of it is there or none. One registration of an address at a time: its place in the queue is the order in
    // which they were stored, so the lock is there before the place is given. Whoever had the lock before may have forgotten the person, which
    // the statement itself would not see: it began before that was committed. What stands in the way is as it was before: what is stored has
    // an answer.
    private const string AddSql =
        $"""
        {TenantStatements.OfTenant},
        turn AS MATERIALIZED (SELECT tenant.id, pg_advisory_xact_lock($2) FROM tenant),
        known AS MATERIALIZED (
            SELECT turn.id, settings.list_key, opt_out_now(turn.id, $7, settings.list_key) AS reason
            FROM turn
            LEFT JOIN LATERAL (SELECT list_key FROM campaigns_settings WHERE tenant_id = turn.id LIMIT 1) settings ON true),
        stored AS (
            INSERT INTO registrations (
                tenant_id, id, idempotency_key, status, code, message, attempts, created_at, updated_at, next_attempt_at, subject,
                email, first_name, last_name, country, company, phone, preferred_language, production_type, category)
            SELECT known.id, $3, $4, CASE WHEN reason IS NULL THEN $5 ELSE $18 END, ($19::text[])[reason], ($20::text[])[reason],
                0, $6, $6, CASE WHEN reason IS NULL THEN $6 END, $7,
                $9, $10, $11, $12, $13, $14, $15, $16, $17
            FROM known
            ON CONFLICT (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING tenant_id, id, status),
        queued AS (
            INSERT INTO {RegistrationQueue.Table} (tenant_id, id, subject, due_at, trace_parent)
            SELECT tenant_id, id, $7, $6, $8 FROM stored WHERE status = $5
            RETURNING id)
        SELECT EXISTS (SELECT FROM stored), block.status, block.code, block.message, block.until, known.list_key, known.reason,
            EXISTS (SELECT FROM queued)
        FROM known
        LEFT JOIN LATERAL (SELECT * FROM push_blocks WHERE tenant_id = known.id LIMIT 1) block ON true
        """;

    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "registration_not_found", "There is no registration with this id.");

    /// <summary>Rejected registrations that are pushed again by one call.</summary>
    public const int RetriedAtOnce = 1_000;

    private static readonly Failure NotRejected = new(
        FailureKind.Conflict, "registration_not_rejected", "The registration is not rejected: what waits is pushed by itself, and the rest is done.");

    private static readonly Failure KeyReused = new(
        FailureKind.Conflict,
        "idempotency_key_reused",
        "This idempotency key was used for a registration with other fields: use a new key for a new registration.")
    {
        Field = "idempotency_key",
    };

    private readonly ConcurrentDictionary<TenantId, byte[]> _subjectKeys = new();

    /// <summary>The lock under which registrations of a mailbox are stored one after the other.</summary>
    public static string TurnOf(byte[] subject) => $"registration {Convert.ToHexString(subject)}";

    /// <summary>Stores the contact and queues it, or answers with what the same <paramref name="idempotencyKey"/> stored before.</summary>
    public async Task<Result<Registration>> SubmitAsync(
        TenantId tenant, Contact contact, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (await AddAsync(tenant, contact, idempotencyKey, cancellationToken) is { } added)
        {
            return added;
        }

        return await FindByKeyAsync(tenant, contact, idempotencyKey!, cancellationToken)
            ?? throw new InvalidOperationException("A registration's idempotency key is taken, but by none.");
    }

    public async Task<Result<Registration>> GetAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var registrationId))
        {
            return NotFound;
        }

        await using var context = db.For(tenant);
        var block = await BlockAsync(context, cancellationToken);
        var row = await context.Registrations.AsNoTracking().SingleOrDefaultAsync(r => r.Id == registrationId, cancellationToken);
        return row is null ? NotFound : row.Seen(block);
    }

    /// <summary>Those that are looked for, that come after <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<Registration>> ListAsync(
        TenantId tenant, RegistrationFilter filter, Guid? after, int count, CancellationToken cancellationToken)
    {
        var status = filter.Status;
        await using var context = db.For(tenant);
        var block = await BlockAsync(context, cancellationToken);
        var rows = context.Registrations.AsNoTracking();
        if (filter.Email is { } email)
        {
            var subject = EmailSubject.Of(await SubjectKeyAsync(tenant, cancellationToken), email);
            rows = rows.Where(r => r.Subject == subject);
        }

        if (filter.CreatedAfter is { } from)
        {
            var first = RegistrationFilter.FirstIdOf(from);
            rows = rows.Where(r => r.Id >= first && r.CreatedAt >= from);
        }

        if (filter.CreatedBefore is { } before)
        {
            var end = RegistrationFilter.FirstIdOf(before.AddMilliseconds(1));
            rows = rows.Where(r => r.Id < end && r.CreatedAt < before);
        }

        if (block is not null && status is RegistrationStatus.Pending or RegistrationStatus.Retrying or RegistrationStatus.NotConfigured)
        {
            if (status != block.Status)
            {
                return [];
            }

            rows = rows.Where(r => r.Status == RegistrationStatus.Pending || r.Status == RegistrationStatus.Retrying);
        }
        else if (status is not RegistrationStatus.Unspecified)
        {
            rows = rows.Where(r => r.Status == status);
        }

        if (after is { } last)
        {
            rows = filter.OldestFirst ? rows.Where(r => r.Id > last) : rows.Where(r => r.Id < last);
        }

        rows = filter.OldestFirst ? rows.OrderBy(r => r.Id) : rows.OrderByDescending(r => r.Id);
        return [.. (await rows.Take(count).ToListAsync(cancellationToken)).Select(r => r.Seen(block))];
    }

    /// <summary>Pushes a rejected one again.</summary>
    public async Task<Result<Registration>> RetryAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var registrationId))
        {
            return NotFound;
        }

        var retried = await RetryAsync(caller, "id = $6", registrationId, most: 1, cancellationToken);
        var found = await GetAsync(caller.Tenant, id, cancellationToken);
        return retried == 0 && found.Succeeded(out _, out _) ? NotRejected : found;
    }

    /// <summary>
    /// The same of those that were rejected with this code, or of all: how many are, <see cref="RetriedAtOnce"/> at most.
    /// </summary>
    public Task<int> RetryAllAsync(Caller caller, string? code, CancellationToken cancellationToken) =>
        RetryAsync(caller, "($6::text IS NULL OR code = $6)", TenantStatements.Text(code), RetriedAtOnce, cancellationToken);

    private async Task<int> RetryAsync(Caller caller, string which, object argument, int most, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var retried = (int)await (await context.OpenAsync(cancellationToken)).AskAsync<long>(
            $"""
            WITH again AS (
                UPDATE registrations SET status = $1, code = NULL, message = NULL, next_attempt_at = $2, updated_at = $2
                WHERE id IN (SELECT id FROM registrations WHERE status = $3 AND {which} ORDER BY id LIMIT $4 FOR UPDATE)
                RETURNING tenant_id, id, subject),
            queued AS (
                INSERT INTO {RegistrationQueue.Table} (tenant_id, id, subject, due_at, trace_parent)
                SELECT tenant_id, id, subject, $2, $5 FROM again ORDER BY id
                RETURNING id)
            SELECT count(*) FROM queued
            """,
            [
                (int)RegistrationStatus.Pending, now, (int)RegistrationStatus.Rejected, most, TenantStatements.Text(Activity.Current?.Id),
                argument,
            ],
            cancellationToken);
        if (retried > 0)
        {
            context.Audit(AuditEntry.Of(caller, now, AuditActions.ContactsRetried, "registrations", new { contacts = retried }));
            await context.SaveChangesAsync(cancellationToken);
            await WorkQueue.NotifyAsync(context, RegistrationQueue.Table, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return retried;
    }

    // always asked before the registration: one that was tried meanwhile must not be shown as blocked and untried
    private static Task<PushBlock?> BlockAsync(CampaignsDbContext context, CancellationToken cancellationToken) =>
        context.PushBlocks.AsNoTracking().SingleOrDefaultAsync(cancellationToken);

    private async Task<Result<Registration>?> FindByKeyAsync(
        TenantId tenant, Contact contact, string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var block = await BlockAsync(context, cancellationToken);
        var row = await context.Registrations.AsNoTracking().SingleOrDefaultAsync(r => r.IdempotencyKey == idempotencyKey, cancellationToken);
        return row is null ? null
            : row.Contact != contact ? KeyReused
            : row.Seen(block);
    }

    // null where the idempotency key is taken
    private async Task<Registration?> AddAsync(
        TenantId tenant, Contact contact, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var subject = EmailSubject.Of(await SubjectKeyAsync(tenant, cancellationToken), contact.Email);
        var now = clock.GetUtcNow();
        var row = new RegistrationRow
        {
            TenantId = tenant,
            Id = Guid.CreateVersion7(now),
            IdempotencyKey = idempotencyKey,
            Subject = subject,
            Contact = contact,
            Status = RegistrationStatus.Pending,
            CreatedAt = now,
            UpdatedAt = now,
            NextAttemptAt = now,
        };
        var (isStored, block, listKey, optedOut) = await db.Statements.FindInOneAsync(
            tenant,
            AddSql,
            [
                AdvisoryLock.KeyOf(TurnOf(subject)),
                row.Id,
                TenantStatements.Text(idempotencyKey),
                (int)row.Status,
                now,
                subject,
                TenantStatements.Text(Activity.Current?.Id),
                contact.Email,
                .. ((string?[])
                [
                    contact.FirstName, contact.LastName, contact.Country, contact.Company, contact.Phone, contact.PreferredLanguage,
                    contact.ProductionType, contact.Category,
                ]).Select(TenantStatements.Text),
                (int)RegistrationStatus.Suppressed,
                OptOuts.Codes.ToArray(),
                OptOuts.Messages.ToArray(),
            ],
            answer => (
                answer.GetBoolean(0), BlockOf(tenant, answer), answer.IsDBNull(5) ? null : answer.GetString(5),
                answer.IsDBNull(6) ? (int?)null : answer.GetInt32(6)),
            cancellationToken);
        if (!isStored)
        {
            return null;
        }

        if (optedOut is { } reason)
        {
            (row.Status, row.Code, row.Message, row.NextAttemptAt) =
                (RegistrationStatus.Suppressed, OptOuts.Codes[reason - 1], OptOuts.Messages[reason - 1], null);
            return row.Seen(block);
        }

        fresh.Put(tenant, row.Id, contact, listKey);
        return row.Seen(block);
    }

    private static PushBlock? BlockOf(TenantId tenant, NpgsqlDataReader answer) => answer.IsDBNull(1) ? null : new PushBlock
    {
        TenantId = tenant,
        Status = (RegistrationStatus)answer.GetInt32(1),
        Code = answer.GetString(2),
        Message = answer.GetString(3),
        Until = answer.GetFieldValue<DateTimeOffset>(4),
    };

    // it never changes
    private async Task<byte[]> SubjectKeyAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (_subjectKeys.TryGetValue(tenant, out var known))
        {
            return known;
        }

        await using var context = db.For(tenant);
        var key = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        if (_subjectKeys.Count >= MostSubjectKeys)
        {
            _subjectKeys.Clear();
        }

        return _subjectKeys[tenant] = key;
    }
}
