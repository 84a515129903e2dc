using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
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
    TenantDb<CampaignsDbContext> db, RegistrationQueue queue, TimeProvider clock)
{
    private static readonly Failure KeyReused = new(
        FailureKind.Conflict,
        "idempotency_key_reused",
        "This idempotency key was used for a registration with other fields: use a new key for a new registration.")
    {
        Field = "idempotency_key",
    };

    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "registration_not_found", "There is no registration with this id.");

    /// <summary>Stores the contact and queues it, or answers with what the same <paramref name="idempotencyKey"/> stored before.</summary>
    public async Task<Result<Registration>> SubmitAsync(
        TenantId tenant, Contact contact, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is not null && await FindByKeyAsync(tenant, contact, idempotencyKey, cancellationToken) is { } earlier)
        {
            return earlier;
        }

        try
        {
            return await AddAsync(tenant, contact, idempotencyKey, cancellationToken);
        }
        catch (DbUpdateException e) when (idempotencyKey is not null
            && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // a call with the same key was faster
            return await FindByKeyAsync(tenant, contact, idempotencyKey, cancellationToken)
                ?? throw new InvalidOperationException("A registration's idempotency key is taken, but by none.", e);
        }
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

    private async Task<Registration> AddAsync(TenantId tenant, Contact contact, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        // the queue's name for the mailbox: the same for every spelling, and worth nothing without the tenant's key
        var subject = HMACSHA256.HashData(
            await SettingsStore.SubjectKeyAsync(context, cancellationToken), Encoding.UTF8.GetBytes(EmailAddress.Normalise(contact.Email)));

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // one registration of an address at a time: its place in the queue is the order in which they were stored
        await context.LockAsync($"registration {Convert.ToHexString(subject)}", cancellationToken);
        var now = clock.GetUtcNow();
        var row = new RegistrationRow
        {
            TenantId = tenant,
            Id = Guid.CreateVersion7(now),
            IdempotencyKey = idempotencyKey,
            Contact = contact,
            Status = RegistrationStatus.Pending,
            CreatedAt = now,
            UpdatedAt = now,
            NextAttemptAt = now,
        };
        context.Registrations.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        await queue.AppendAsync(context, row.Id, subject, cancellationToken);
        // read before it is stored: what is stored has an answer
        var seen = row.Seen(await BlockAsync(context, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return seen;
    }
}
