using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;
using ZohoPlatform.WebhookService.Receivers;
using ZohoPlatform.WebhookService.Subscriptions;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>Makes one attempt at a delivery and writes down how it ended.</summary>
internal sealed partial class DeliveryAttempts(
    TenantDb<WebhooksDbContext> db,
    [FromKeyedServices(DeliveryWorker.Queue)] WorkQueue queue,
    WebhookSender sender,
    Seals seals,
    TimeProvider clock,
    ILogger<DeliveryAttempts> logger)
{
    /// <summary>A receiver that took nothing for so long is left alone.</summary>
    public static readonly TimeSpan DisabledAfter = TimeSpan.FromDays(5);

    /// <summary>One attempt at what was claimed; after one that fails it is due <paramref name="again"/>, or never.</summary>
    /// <returns>Null: it needs no attempt any more. An attempt that is cancelled is not written down and is made again.</returns>
    public Task<SendOutcome?> TryAsync(WorkItem item, DateTimeOffset? again, CancellationToken cancellationToken) =>
        TryAsync(new Caller(item.Tenant, Role.Service, "service:webhooks"), item.Id, item, again, cancellationToken);

    /// <summary>The only attempt at a delivery that its caller waits for, before any worker comes to it.</summary>
    public Task<SendOutcome?> TryOnceAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        TryAsync(caller, id, item: null, again: null, cancellationToken);

    private async Task<SendOutcome?> TryAsync(
        Caller caller, Guid id, WorkItem? item, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        var tenant = caller.Tenant;
        if (await FindAsync(tenant, id, cancellationToken) is not var (delivery, webhook, body))
        {
            await using var gone = db.For(tenant);
            await DequeueAsync(gone, id, item);
            return null;
        }

        var isUnwanted = webhook.DisabledAt is not null && delivery.EventType != NewDeliveries.Test;
        var outcome = isUnwanted
            ? new SendOutcome(0, "The webhook was disabled before it was delivered.")
            : await sender.SendAsync(
                webhook.Url,
                webhook.SecretsAt(clock.GetUtcNow(), seals),
                delivery.EventId,
                body,
                cancellationToken);
        // from here on it is not cut off any more: the receiver may have taken it
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        var isLast = outcome.Succeeded || outcome.IsGone || isUnwanted || again is null || delivery.EventType == NewDeliveries.Test;
        var isOurs = isLast
            ? await DequeueAsync(context, id, item)
            : await queue.DeferAsync(context, item!, again!.Value, CancellationToken.None);
        if (!isOurs)
        {
            LogLost(id);
            return outcome;
        }

        await EndAsync(
            context,
            id,
            outcome.Succeeded ? WebhookDeliveryState.Delivered : isLast ? WebhookDeliveryState.Failed : WebhookDeliveryState.Pending,
            outcome);
        if (outcome.Succeeded)
        {
            await NoteTakenAsync(context, caller, webhook, isTest: delivery.EventType == NewDeliveries.Test);
        }
        else if (!isUnwanted)
        {
            await NoteRefusedAsync(context, caller, webhook.Id, outcome);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return outcome;
    }

    private async Task<(DeliveryRow Delivery, WebhookRow Webhook, string Body)?> FindAsync(
        TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var found = await context.Deliveries.AsNoTracking()
            .Where(delivery => delivery.Id == id && delivery.State == WebhookDeliveryState.Pending)
            .Join(context.Webhooks, delivery => delivery.WebhookId, webhook => webhook.Id, (delivery, webhook) => new { delivery, webhook })
            .Join(context.Events, one => one.delivery.EventId, told => told.Id, (one, told) => new { one.delivery, one.webhook, told.Body })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : (found.delivery, found.webhook, found.Body);
    }

    private async Task NoteTakenAsync(WebhooksDbContext context, Caller caller, WebhookRow webhook, bool isTest)
    {
        await context.Webhooks
            .Where(row => row.Id == webhook.Id && row.FailingSince != null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.FailingSince, (DateTimeOffset?)null));
        if (!isTest)
        {
            return;
        }

        var enabled = await context.Webhooks
            .Where(row => row.Id == webhook.Id && row.DisabledAt != null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.DisabledAt, (DateTimeOffset?)null)
                .SetProperty(row => row.DisabledReason, ""));
        if (enabled > 0)
        {
            await AuditAsync(context, caller, AuditActions.WebhookEnabled, webhook.Id, new { });
        }
    }

    private async Task NoteRefusedAsync(WebhooksDbContext context, Caller caller, Guid webhook, SendOutcome outcome)
    {
        var now = clock.GetUtcNow();
        await context.Webhooks
            .Where(row => row.Id == webhook && row.FailingSince == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.FailingSince, now));
        var reason = outcome.IsGone
            ? outcome.Error
            : $"Nothing was taken for {DisabledAfter.TotalDays:0} days. The last attempt: {outcome.Error}";
        var disabled = await context.Webhooks
            .Where(row => row.Id == webhook && row.DisabledAt == null && (outcome.IsGone || row.FailingSince <= now - DisabledAfter))
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.DisabledAt, now)
                .SetProperty(row => row.DisabledReason, reason));
        if (disabled > 0)
        {
            LogDisabled(webhook, reason);
            await AuditAsync(context, caller, AuditActions.WebhookDisabled, webhook, new { reason });
        }
    }

    private Task<int> AuditAsync(WebhooksDbContext context, Caller caller, string action, Guid webhook, object details)
    {
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, WebhookStore.SubjectOf(webhook), details));
        return context.SaveChangesAsync();
    }

    private Task<int> EndAsync(WebhooksDbContext context, Guid id, WebhookDeliveryState state, SendOutcome outcome)
    {
        var now = clock.GetUtcNow();
        var endedAt = state is WebhookDeliveryState.Pending ? (DateTimeOffset?)null : now;
        return context.Deliveries
            .Where(row => row.Id == id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, state)
                .SetProperty(row => row.Attempts, row => row.Attempts + 1)
                .SetProperty(row => row.LastAttemptAt, now)
                .SetProperty(row => row.LastStatus, outcome.Status)
                .SetProperty(row => row.LastError, outcome.Error)
                .SetProperty(row => row.EndedAt, endedAt));
    }

    private async Task<bool> DequeueAsync(WebhooksDbContext context, Guid id, WorkItem? item) => item is not null
        ? await queue.CompleteAsync(context, item, CancellationToken.None)
        : await context.DeliveryQueue
            .Where(queued => queued.TenantId == context.Tenant && queued.Id == id)
            .ExecuteDeleteAsync() == 1;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {DeliveryId}: the claim was lost, the attempt is not counted")]
    private partial void LogLost(Guid deliveryId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {WebhookId} is disabled: {Reason}")]
    private partial void LogDisabled(Guid webhookId, string reason);
}
