using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
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

    /// <summary>Newest first, those that come after <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<Registration>> ListAsync(
        TenantId tenant, RegistrationStatus status, Guid? after, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var block = await BlockAsync(context, cancellationToken);
        var rows = context.Registrations.AsNoTracking();
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
            rows = rows.Where(r => r.Id < last);
        }

        return [.. (await rows.OrderByDescending(r => r.Id).Take(count).ToListAsync(cancellationToken)).Select(r => r.Seen(block))];
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
