using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>One event for one webhook.</summary>
internal sealed class DeliveryRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid WebhookId { get; init; }

    public required Guid EventId { get; init; }

    public required string EventType { get; init; }

    public required WebhookDeliveryState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? LastAttemptAt { get; init; }

    public int LastStatus { get; init; }

    public string LastError { get; init; } = "";

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Says that a tenant has a delivery due, and nothing of what is in it.</summary>
internal sealed class QueuedDelivery : QueuedWork;

internal static class NewDeliveries
{
    /// <summary>Sent on request only; nobody subscribes to it.</summary>
    public const string Test = "webhook.test";

    extension(WebhooksDbContext context)
    {
        /// <summary>An event for a webhook, for the workers from <paramref name="dueAt"/> on; the delivery's id. The caller saves.</summary>
        public Guid AddDelivery(Guid webhook, Guid eventId, string type, DateTimeOffset now, DateTimeOffset dueAt)
        {
            var id = Guid.CreateVersion7(now);
            context.Deliveries.Add(new DeliveryRow
            {
                TenantId = context.Tenant,
                Id = id,
                WebhookId = webhook,
                EventId = eventId,
                EventType = type,
                State = WebhookDeliveryState.Pending,
                CreatedAt = now,
            });
            context.DeliveryQueue.Add(new QueuedDelivery { TenantId = context.Tenant, Id = id, DueAt = dueAt });
            return id;
        }
    }
}
