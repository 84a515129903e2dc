using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.Webhooks;

/// <summary>Where to send events.</summary>
/// <param name="Url">https, without user and fragment, at most 500 characters, in a public network.</param>
/// <param name="EventTypes">
/// connection.grant_revoked, connection.misconfigured, connection.scopes_missing, connection.budget_nearly_spent,
/// connection.refresh_tokens_nearly_spent, connection.budget_half; all but the last when absent.
/// </param>
internal sealed record NewWebhook([property: Required] string? Url, IReadOnlyList<string>? EventTypes)
{
    public CreateWebhookRequest ToContract() => new() { Url = Url ?? "", EventTypes = { EventTypes ?? [] } };
}

/// <summary>A webhook without its secret.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="EventTypes">Which ones.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="FailingSince">Since when nothing was taken; absent while all is well.</param>
/// <param name="DisabledAt">From then on it is sent nothing but tests; absent while it is enabled.</param>
/// <param name="DisabledReason">Why.</param>
internal sealed record WebhookBody(
    string Id,
    string Url,
    IReadOnlyList<string> EventTypes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FailingSince,
    DateTimeOffset? DisabledAt,
    string? DisabledReason)
{
    public static WebhookBody Of(Webhook webhook) => new(
        webhook.Id,
        webhook.Url,
        webhook.EventTypes,
        webhook.CreatedAt.ToDateTimeOffset(),
        ContractValues.Time(webhook.FailingSince),
        ContractValues.Time(webhook.DisabledAt),
        ContractValues.OrNull(webhook.DisabledReason));
}

internal sealed record WebhookList(IReadOnlyList<WebhookBody> Webhooks);

/// <summary>A new webhook. Secret is <c>whsec_</c> and the signature's key in base64: no other answer ever holds it.</summary>
internal sealed record CreatedWebhook(string Id, string Url, IReadOnlyList<string> EventTypes, DateTimeOffset CreatedAt, string Secret)
{
    public static CreatedWebhook Of(CreateWebhookResponse answer) => new(
        answer.Webhook.Id, answer.Webhook.Url, answer.Webhook.EventTypes, answer.Webhook.CreatedAt.ToDateTimeOffset(), answer.Secret);

    // a record prints its members: these hold a secret
    public override string ToString() => $"{nameof(CreatedWebhook)} {Id}";
}

/// <summary>One event on its way to a webhook.</summary>
/// <param name="Id">The delivery's, to redeliver it.</param>
/// <param name="WebhookId">Where it is sent.</param>
/// <param name="EventId">What the receiver sees as webhook-id, at every attempt.</param>
/// <param name="EventType">What happened.</param>
/// <param name="State">pending, delivered or failed (given up).</param>
/// <param name="Attempts">Those that ended.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="LastAttemptAt">Absent before the first one ended.</param>
/// <param name="LastStatus">HTTP status of the last answer; absent where there was none.</param>
/// <param name="LastError">Why the last attempt did not do; absent when it did.</param>
/// <param name="NextAttemptAt">Absent when there is none.</param>
internal sealed record DeliveryBody(
    string Id,
    string WebhookId,
    string EventId,
    string EventType,
    string State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastAttemptAt,
    int? LastStatus,
    string? LastError,
    DateTimeOffset? NextAttemptAt)
{
    public static DeliveryBody Of(WebhookDelivery delivery) => new(
        delivery.Id,
        delivery.WebhookId,
        delivery.EventId,
        delivery.EventType,
        ApiNames.Of(delivery.State),
        delivery.Attempts,
        delivery.CreatedAt.ToDateTimeOffset(),
        ContractValues.Time(delivery.LastAttemptAt),
        delivery.LastStatus == 0 ? null : delivery.LastStatus,
        ContractValues.OrNull(delivery.LastError),
        ContractValues.Time(delivery.NextAttemptAt));
}

/// <summary>Newest first.</summary>
/// <param name="Deliveries">Of this page.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
internal sealed record DeliveryPage(IReadOnlyList<DeliveryBody> Deliveries, string? NextPageToken);
