using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;
using ZohoPlatform.WebhookService.Subscriptions;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>What was sent to a tenant's webhooks, for those who look after them.</summary>
internal sealed class DeliveryStore(TenantDb<WebhooksDbContext> db, DeliveryAttempts attempts, TimeProvider clock)
{
    // until then the caller of a test is still waiting itself
    private static readonly TimeSpan WorkerTakesOverAfter = TimeSpan.FromMinutes(1);

    /// <summary>Sends a test and waits for its end; whether it was taken stands in the answer.</summary>
    public async Task<Result<WebhookDelivery>> TestAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        Guid delivery;
        await using (var context = db.For(caller.Tenant))
        {
            if (!await context.Webhooks.AnyAsync(row => row.Id == id, cancellationToken))
            {
                return WebhookFailures.NotFound;
            }

            var now = clock.GetUtcNow();
            var (test, subject) = (Guid.CreateVersion7(now), $"webhook:{id}");
            var data = new JsonObject { ["message"] = "The receiver is reached." };
            context.Events.Add(new EventRow
            {
                TenantId = caller.Tenant,
                Id = test,
                Type = NewDeliveries.Test,
                Subject = subject,
                Body = EventBody.Of(test, NewDeliveries.Test, now, subject, data),
                Source = caller.Subject,
                ReceivedAt = now,
            });
            delivery = context.AddDelivery(id, test, NewDeliveries.Test, now, now + WorkerTakesOverAfter);
            await context.SaveChangesAsync(cancellationToken);
        }

        await attempts.TryOnceAsync(caller, delivery, cancellationToken);
        await using var after = db.For(caller.Tenant);
        return await GetAsync(after, delivery, cancellationToken);
    }

    /// <summary>Newest first: at most <paramref name="count"/> that are older than <paramref name="before"/>.</summary>
    public async Task<Result<ListedDeliveries>> ListAsync(
        TenantId tenant, Guid webhook, Guid? before, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        if (!await context.Webhooks.AnyAsync(row => row.Id == webhook, cancellationToken))
        {
            return WebhookFailures.NotFound;
        }

        var rows = await context.Deliveries.AsNoTracking()
            .Where(row => row.WebhookId == webhook && (before == null || row.Id < before))
            .OrderByDescending(row => row.Id)
            .Take(count)
            .ToListAsync(cancellationToken);
        var ids = rows.Select(row => row.Id).ToList();
        var due = await context.DeliveryQueue
            .Where(queued => queued.TenantId == tenant && ids.Contains(queued.Id))
            .ToDictionaryAsync(queued => queued.Id, queued => queued.DueAt, cancellationToken);
        return new ListedDeliveries(
            rows.ConvertAll(row => ToMessage(row, due.TryGetValue(row.Id, out var dueAt) ? dueAt : null)),
            await context.Deliveries.CountAsync(row => row.WebhookId == webhook, cancellationToken));
    }

    /// <summary>Lets the workers send it again, with as many attempts as a new one has.</summary>
    public async Task<Result<WebhookDelivery>> RedeliverAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var webhooks = await context.Deliveries
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

        await context.Deliveries.Where(delivery => delivery.Id == id).ExecuteUpdateAsync(
            set => set
                .SetProperty(delivery => delivery.State, WebhookDeliveryState.Pending)
                .SetProperty(delivery => delivery.EndedAt, (DateTimeOffset?)null),
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO delivery_queue (tenant_id, id, due_at, attempts) VALUES ({tenant.Value}, {id}, {clock.GetUtcNow()}, 0)
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET due_at = EXCLUDED.due_at, attempts = 0, claimed_by = NULL, claimed_until = NULL
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await GetAsync(context, id, cancellationToken);
    }

    private static async Task<Result<WebhookDelivery>> GetAsync(WebhooksDbContext context, Guid id, CancellationToken cancellationToken)
    {
        // deleted with its webhook meanwhile
        if (await context.Deliveries.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            return WebhookFailures.DeliveryNotFound;
        }

        var due = await context.DeliveryQueue.AsNoTracking()
            .SingleOrDefaultAsync(queued => queued.TenantId == context.Tenant && queued.Id == id, cancellationToken);
        return ToMessage(row, due?.DueAt);
    }

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

/// <param name="Page">Newest first.</param>
/// <param name="Total">On all pages together.</param>
internal sealed record ListedDeliveries(IReadOnlyList<WebhookDelivery> Page, int Total);
