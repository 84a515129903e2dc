using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.WebhookService.Data;

namespace ZohoPlatform.WebhookService.Audit;

/// <summary>What is written down of a webhook's changes, in the transaction that makes them.</summary>
internal sealed partial class WebhookAudit(ILogger<WebhookAudit> logger)
{
    public Task CreatedAsync(WebhooksDbContext context, Caller caller, Guid webhook, object after, CancellationToken cancellationToken) =>
        AppendAsync(context, caller, "webhook.created", webhook, after, cancellationToken);

    public Task DeletedAsync(WebhooksDbContext context, Caller caller, Guid webhook, object before, CancellationToken cancellationToken) =>
        AppendAsync(context, caller, "webhook.deleted", webhook, before, cancellationToken);

    public Task SecretRotatedAsync(WebhooksDbContext context, Caller caller, Guid webhook, object details, CancellationToken cancellationToken) =>
        AppendAsync(context, caller, "webhook.secret_rotated", webhook, details, cancellationToken);

    /// <summary>By the service itself.</summary>
    public Task DisabledAsync(WebhooksDbContext context, Guid webhook, string reason) => AppendAsync(
        context, Itself(context.Tenant), "webhook.disabled", webhook, new { reason }, CancellationToken.None);

    /// <summary>By the service itself, when a test was taken.</summary>
    public Task EnabledAsync(WebhooksDbContext context, Guid webhook) => AppendAsync(
        context, Itself(context.Tenant), "webhook.enabled", webhook, new { }, CancellationToken.None);

    private static Caller Itself(TenantId tenant) => new(tenant, Role.Service, "service:webhooks");

    private Task AppendAsync(
        WebhooksDbContext context, Caller caller, string action, Guid webhook, object details, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LogChange(action, webhook, context.Tenant.Value, caller.Subject, details);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Action}: webhook {WebhookId} of tenant {TenantId} by {Actor}: {Details}")]
    private partial void LogChange(string action, Guid webhookId, Guid tenantId, string actor, object details);
}
