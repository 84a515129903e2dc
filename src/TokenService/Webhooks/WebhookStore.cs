using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>A tenant's webhooks and what was sent to them.</summary>
internal sealed class WebhookStore(
    TenantDb<TokensDbContext> db, ReceiverAddresses addresses, Deliveries deliveries, Seals seals, TimeProvider clock)
{
    public const int Most = 10;

    // until then the caller of a test is still waiting itself
    private static readonly TimeSpan WorkerTakesOverAfter = TimeSpan.FromMinutes(1);

    public static string SubjectOf(Guid webhook) => $"webhook:{webhook}";

    public async Task<Result<CreateWebhookResponse>> CreateAsync(
        Caller caller, CreateWebhookRequest request, CancellationToken cancellationToken)
    {
        if (addresses.Problem(request.Url) is { } problem)
        {
            return Failure.InvalidField("url", problem);
        }

        if (!request.EventTypes.All(type => EventTypes.All.Contains(type, StringComparer.Ordinal)))
        {
            return Failure.InvalidField("event_types", $"event_types may hold {string.Join(", ", EventTypes.All)}.");
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two that are made at once, the second is counted too
        await context.LockAsync($"webhooks {caller.Tenant}", cancellationToken);
        if (await context.Webhooks.CountAsync(cancellationToken) >= Most)
        {
            return WebhookFailures.TooMany;
        }

        var now = clock.GetUtcNow();
        var (id, secret) = (Guid.CreateVersion7(now), WebhookSender.NewSecret());
        var row = new WebhookRow
        {
            TenantId = caller.Tenant,
            Id = id,
            Url = request.Url,
            EventTypes = [.. request.EventTypes.Count == 0 ? EventTypes.ForPeople : request.EventTypes.Distinct(StringComparer.Ordinal)],
            SecretSealed = seals.Seal(WebhookRow.PlaceOf(caller.Tenant, id), secret),
            CreatedAt = now,
        };
        context.Webhooks.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        await AppendAsync(context, caller, AuditActions.WebhookCreated, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateWebhookResponse { Webhook = ToMessage(row), Secret = secret };
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Webhook>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = await context.Webhooks.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return [.. rows.Select(ToMessage)];
    }

    /// <summary>Null when it is gone.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Webhooks.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row
            || await context.Webhooks.Where(known => known.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return WebhookFailures.NotFound;
        }

        // what is queued of them goes when a worker meets it
        await context.WebhookDeliveries.Where(delivery => delivery.WebhookId == id).ExecuteDeleteAsync(cancellationToken);
        await AppendAsync(context, caller, AuditActions.WebhookDeleted, row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Sends a test and waits for its end; whether it was taken stands in the answer.</summary>
    public async Task<Result<WebhookDelivery>> TestAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        Guid delivery;
        await using (var context = db.For(tenant))
        {
            if (!await context.Webhooks.AnyAsync(row => row.Id == id, cancellationToken))
            {
                return WebhookFailures.NotFound;
            }

            var now = clock.GetUtcNow();
            delivery = WebhookEvents.AddTest(context, id, now, now + WorkerTakesOverAfter);
            await context.SaveChangesAsync(cancellationToken);
        }

        await deliveries.TryOnceAsync(tenant, delivery, cancellationToken);
        await using var after = db.For(tenant);
        return await GetDeliveryAsync(after, delivery, cancellationToken);
    }

    /// <summary>Newest first: at most <paramref name="count"/> that are older than <paramref name="before"/>.</summary>
    public async Task<Result<IReadOnlyList<WebhookDelivery>>> ListDeliveriesAsync(
        TenantId tenant, Guid webhook, Guid? before, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        if (!await context.Webhooks.AnyAsync(row => row.Id == webhook, cancellationToken))
        {
            return WebhookFailures.NotFound;
        }

        var rows = await context.WebhookDeliveries.AsNoTracking()
            .Where(row => row.WebhookId == webhook && (before == null || row.Id < before))
            .OrderByDescending(row => row.Id)
            .Take(count)
            .ToListAsync(cancellationToken);
        var ids = rows.Select(row => row.Id).ToList();
        var due = await context.WebhookQueue
            .Where(queued => queued.TenantId == tenant && ids.Contains(queued.Id))
            .ToDictionaryAsync(queued => queued.Id, queued => queued.DueAt, cancellationToken);
        return rows.ConvertAll(row => ToMessage(row, due.TryGetValue(row.Id, out var dueAt) ? dueAt : null));
    }

    /// <summary>Lets the workers send it again, with as many attempts as a new one has.</summary>
    public async Task<Result<WebhookDelivery>> RedeliverAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var webhooks = await context.WebhookDeliveries
            .Where(delivery => delivery.Id == id)
            .Join(context.Webhooks, delivery => delivery.WebhookId, webhook => webhook.Id, (_, webhook) => new { webhook.DisabledAt })
            .ToListAsync(cancellationToken);
        if (webhooks is not [var webhook])
        {
            return WebhookFailures.DeliveryNotFound;
        }

        if (webhook.DisabledAt is not null)
        {
            return WebhookFailures.Disabled;
        }

        await context.WebhookDeliveries.Where(delivery => delivery.Id == id).ExecuteUpdateAsync(
            set => set
                .SetProperty(delivery => delivery.State, WebhookDeliveryState.Pending)
                .SetProperty(delivery => delivery.EndedAt, (DateTimeOffset?)null),
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO webhook_queue (tenant_id, id, due_at, attempts) VALUES ({tenant.Value}, {id}, {clock.GetUtcNow()}, 0)
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET due_at = EXCLUDED.due_at, attempts = 0, claimed_by = NULL, claimed_until = NULL
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await GetDeliveryAsync(context, id, cancellationToken);
    }

    private static async Task<Result<WebhookDelivery>> GetDeliveryAsync(
        TokensDbContext context, Guid id, CancellationToken cancellationToken)
    {
        // deleted with its webhook meanwhile
        if (await context.WebhookDeliveries.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            return WebhookFailures.DeliveryNotFound;
        }

        var due = await context.WebhookQueue.AsNoTracking()
            .SingleOrDefaultAsync(queued => queued.TenantId == context.Tenant && queued.Id == id, cancellationToken);
        return ToMessage(row, due?.DueAt);
    }

    // an address may hold a secret in its path: of it only the host is written down
    private async Task AppendAsync(
        TokensDbContext context, Caller caller, string action, WebhookRow row, CancellationToken cancellationToken)
    {
        var details = new { host = new Uri(row.Url).Authority, event_types = row.EventTypes };
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, SubjectOf(row.Id), details));
        await context.SaveChangesAsync(cancellationToken);
    }

    private static Webhook ToMessage(WebhookRow row) => new()
    {
        Id = row.Id.ToString(),
        Url = row.Url,
        EventTypes = { row.EventTypes },
        CreatedAt = row.CreatedAt.ToTimestamp(),
        FirstFailedAt = row.FailingSince?.ToTimestamp(),
        DisabledAt = row.DisabledAt?.ToTimestamp(),
        DisabledReason = row.DisabledReason,
    };

    private static WebhookDelivery ToMessage(DeliveryRow row, DateTimeOffset? nextAttemptAt) => new()
    {
        Id = row.Id.ToString(),
        WebhookId = row.WebhookId.ToString(),
        EventId = row.EventId.ToString(),
        EventType = row.EventType,
        State = row.State,
        Attempts = row.Attempts,
        CreatedAt = row.CreatedAt.ToTimestamp(),
        LastAttemptAt = row.LastAttemptAt?.ToTimestamp(),
        LastStatus = row.LastStatus,
        LastError = row.LastError,
        NextAttemptAt = nextAttemptAt?.ToTimestamp(),
    };
}
