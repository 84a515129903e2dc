using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Audit;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>Makes one attempt at a delivery and writes down how it ended.</summary>
internal sealed partial class Deliveries(
    TenantDb<TokensDbContext> db, WebhookSender sender, Seals seals, TimeProvider clock, ILogger<Deliveries> logger)
{
    /// <summary>A receiver that took nothing for so long is left alone.</summary>
    public static readonly TimeSpan DisabledAfter = TimeSpan.FromDays(5);

    /// <summary>Null: it needs no attempt any more. An attempt that is cancelled is not written down and is made again.</summary>
    public async Task<SendOutcome?> TryAsync(TenantId tenant, Guid id, bool isLast, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var found = await context.WebhookDeliveries.AsNoTracking()
            .Where(delivery => delivery.Id == id && delivery.State == WebhookDeliveryState.Pending)
            .Join(context.Webhooks, delivery => delivery.WebhookId, webhook => webhook.Id, (delivery, webhook) => new { delivery, webhook })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            await DequeueAsync(context, id);
            return null;
        }

        var (delivery, webhook) = (found.delivery, found.webhook);
        if (webhook.DisabledAt is not null && delivery.EventType != EventTypes.Test)
        {
            var unsent = new SendOutcome(0, "The webhook was disabled before it was delivered.");
            await EndAsync(context, id, WebhookDeliveryState.Failed, unsent);
            await DequeueAsync(context, id);
            return unsent;
        }

        var secret = seals.Open(WebhookRow.PlaceOf(tenant, webhook.Id), webhook.SecretSealed);
        var outcome = await sender.SendAsync(webhook.Url, secret, delivery.EventId, delivery.Body, cancellationToken);
        await NoteAsync(context, delivery, webhook, outcome, isLast || outcome.IsGone || delivery.EventType == EventTypes.Test);
        return outcome;
    }

    private async Task NoteAsync(TokensDbContext context, DeliveryRow delivery, WebhookRow webhook, SendOutcome outcome, bool isLast)
    {
        await using var transaction = await context.Database.BeginTransactionAsync();
        if (outcome.Succeeded)
        {
            await EndAsync(context, delivery.Id, WebhookDeliveryState.Delivered, outcome);
            await DequeueAsync(context, delivery.Id);
            await NoteTakenAsync(context, webhook, isTest: delivery.EventType == EventTypes.Test);
        }
        else
        {
            await EndAsync(context, delivery.Id, isLast ? WebhookDeliveryState.Failed : WebhookDeliveryState.Pending, outcome);
            if (isLast)
            {
                await DequeueAsync(context, delivery.Id);
            }

            await NoteRefusedAsync(context, webhook.Id, outcome);
        }

        await transaction.CommitAsync();
    }

    private async Task NoteTakenAsync(TokensDbContext context, WebhookRow webhook, bool isTest)
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
            await AppendAsync(context, AuditActions.WebhookEnabled, webhook.Id, new { });
        }
    }

    private async Task NoteRefusedAsync(TokensDbContext context, Guid webhook, SendOutcome outcome)
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
            await AppendAsync(context, AuditActions.WebhookDisabled, webhook, new { reason });
        }
    }

    private Task AppendAsync(TokensDbContext context, string action, Guid webhook, object details) => AuditChain.AppendAsync(
        context,
        [AuditEntry.Of(context.Tenant, clock.GetUtcNow(), "service:tokens", action, WebhookStore.SubjectOf(webhook), details)],
        CancellationToken.None);

    private Task<int> EndAsync(TokensDbContext context, Guid id, WebhookDeliveryState state, SendOutcome outcome)
    {
        var now = clock.GetUtcNow();
        var endedAt = state is WebhookDeliveryState.Pending ? (DateTimeOffset?)null : now;
        return context.WebhookDeliveries
            .Where(row => row.Id == id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, state)
                .SetProperty(row => row.Attempts, row => row.Attempts + 1)
                .SetProperty(row => row.LastAttemptAt, now)
                .SetProperty(row => row.LastStatus, outcome.Status)
                .SetProperty(row => row.LastError, outcome.Error)
                .SetProperty(row => row.EndedAt, endedAt));
    }

    private static Task<int> DequeueAsync(TokensDbContext context, Guid id) => context.WebhookQueue
        .Where(queued => queued.TenantId == context.Tenant && queued.Id == id)
        .ExecuteDeleteAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {WebhookId} is disabled: {Reason}")]
    private partial void LogDisabled(Guid webhookId, string reason);
}
