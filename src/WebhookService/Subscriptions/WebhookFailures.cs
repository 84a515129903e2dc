using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.WebhookService.Subscriptions;

internal static class WebhookFailures
{
    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "webhook_not_found", "There is no such webhook. List the webhooks to see those that exist.");

    public static readonly Failure DeliveryNotFound = new(
        FailureKind.NotFound, "delivery_not_found", "There is no such delivery; they are kept for 30 days after they ended.");

    public static readonly Failure TooMany = new(
        FailureKind.Precondition,
        "too_many_webhooks",
        $"A tenant has at most {WebhookStore.Most} webhooks: delete one that is not needed any more.");

    public static readonly Failure Disabled = new(
        FailureKind.Precondition, "webhook_disabled", "This webhook is disabled: mend its receiver, then send it a test, which enables it again.");
}
