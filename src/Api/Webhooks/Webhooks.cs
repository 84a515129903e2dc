using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Webhooks;

/// <summary>Where to send events.</summary>
/// <param name="Url">https, without user and fragment, at most 500 characters, in a public network.</param>
public sealed record NewWebhook(string Url)
{
    /// <summary>
    /// connection.grant_revoked, connection.misconfigured, connection.scopes_missing, connection.budget_nearly_spent,
    /// connection.refresh_tokens_nearly_spent, connection.budget_half; all but the last when absent.
    /// </summary>
    public IReadOnlyList<string>? EventTypes { get; init; }
}

/// <summary>A webhook without its secret.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="EventTypes">Which ones.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="FirstFailedAt">Since when nothing was taken; absent while all is well.</param>
/// <param name="DisabledAt">From then on it is sent nothing but tests; absent while it is enabled.</param>
/// <param name="DisabledReason">Why.</param>
public sealed record Webhook(
    string Id,
    string Url,
    IReadOnlyList<string> EventTypes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FirstFailedAt,
    DateTimeOffset? DisabledAt,
    string? DisabledReason)
{
    public IReadOnlyList<string> EventTypes { get; init; } = EventTypes ?? [];
}

/// <summary>The tenant's webhooks.</summary>
/// <param name="Webhooks">Oldest first.</param>
public sealed record WebhookList(IReadOnlyList<Webhook> Webhooks)
{
    public IReadOnlyList<Webhook> Webhooks { get; init; } = Webhooks ?? [];
}

/// <summary>A new webhook.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="EventTypes">Which ones.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Secret"><c>whsec_</c> and the signature's key in base64: no other answer ever holds it.</param>
public sealed record CreatedWebhook(string Id, string Url, IReadOnlyList<string> EventTypes, DateTimeOffset CreatedAt, string Secret)
{
    public IReadOnlyList<string> EventTypes { get; init; } = EventTypes ?? [];

    // a record prints its members: one is a secret
    public override string ToString() => $"{nameof(CreatedWebhook)} {Id}";
}

/// <summary>How a delivery fares.</summary>
[JsonConverter(typeof(ApiNameConverter<WebhookDeliveryState>))]
public enum WebhookDeliveryState
{
    Unknown,

    /// <summary>It is tried again.</summary>
    Pending,
    Delivered,

    /// <summary>Given up; it can be redelivered.</summary>
    Failed,
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
public sealed record WebhookDelivery(
    string Id,
    string WebhookId,
    string EventId,
    string EventType,
    WebhookDeliveryState State,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastAttemptAt,
    int? LastStatus,
    string? LastError,
    DateTimeOffset? NextAttemptAt);

/// <summary>A page of what was sent.</summary>
/// <param name="Deliveries">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record WebhookDeliveryPage(IReadOnlyList<WebhookDelivery> Deliveries, string? NextPageToken);
