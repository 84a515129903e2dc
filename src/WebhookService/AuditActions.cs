using ZohoPlatform.Erasure;

namespace ZohoPlatform.WebhookService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public const string WebhookCreated = "webhook.created";
    public const string WebhookChanged = "webhook.changed";
    public const string WebhookDeleted = "webhook.deleted";
    public const string WebhookSecretRotated = "webhook.secret_rotated";
    public const string WebhookDisabled = "webhook.disabled";
    public const string WebhookEnabled = "webhook.enabled";

    public static readonly IReadOnlyList<string> All =
        [WebhookCreated, WebhookChanged, WebhookDeleted, WebhookSecretRotated, WebhookDisabled, WebhookEnabled, TenantErasure.Action];
}
