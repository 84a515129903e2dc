using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Webhooks;

/// <summary>Where to send events.</summary>
/// <param name="Url">https, without user and fragment, at most 500 characters, in a public network.</param>
public sealed record NewWebhook(string Url)
{
    /// <summary>Names that <c>GET /api/v1/webhooks/event-types</c> lists; all that need a person when absent.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>
    /// What an event must be about, to the letter, such as <c>connection:{id}</c> or <c>sync:{id}</c>; 20 at most. Anything when absent.
    /// </summary>
    public IReadOnlyList<string>? Subjects { get; init; }
}

/// <summary>A webhook without its secret.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="EventTypes">Which ones.</param>
/// <param name="Subjects">What events must be about; anything when empty.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="FirstFailedAt">Since when nothing was taken; absent while all is well.</param>
/// <param name="DisabledAt">From then on it is sent nothing but tests; absent while it is enabled.</param>
/// <param name="DisabledReason">Why.</param>
/// <param name="PreviousSecretEndsAt">Until then the secret before signs too; absent while there is one secret.</param>
public sealed record Webhook(
    string Id,
    string Url,
    IReadOnlyList<string> EventTypes,
    IReadOnlyList<string> Subjects,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FirstFailedAt,
    DateTimeOffset? DisabledAt,
    string? DisabledReason,
    DateTimeOffset? PreviousSecretEndsAt)
{
    public IReadOnlyList<string> EventTypes { get; init; } = EventTypes ?? [];

    public IReadOnlyList<string> Subjects { get; init; } = Subjects ?? [];
}

/// <summary>What is changed of a webhook; what is absent stays, what is set to null is cleared, or refused where it may not be empty.</summary>
public sealed record WebhookChange
{
    /// <summary>As <see cref="NewWebhook"/> has it, never empty. What is still to be delivered goes there, too.</summary>
    public string? Url { get; init => field = value ?? ""; }

    /// <summary>Names that <c>GET /api/v1/webhooks/event-types</c> lists; one at least.</summary>
    public IReadOnlyList<string>? EventTypes { get; init => field = value ?? []; }

    /// <summary>As <see cref="NewWebhook"/> has it; anything when empty or null.</summary>
    public IReadOnlyList<string>? Subjects { get; init => field = value ?? []; }
}

/// <summary>A page of the tenant's webhooks.</summary>
/// <param name="Webhooks">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record WebhookList(IReadOnlyList<Webhook> Webhooks, string? NextPageToken, int Total)
{
    public IReadOnlyList<Webhook> Webhooks { get; init; } = Webhooks ?? [];
}

/// <summary>A new webhook.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="EventTypes">Which ones.</param>
/// <param name="Subjects">What events must be about; anything when empty.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Secret"><c>whsec_</c> and the signature's key in base64: no other answer ever holds it.</param>
public sealed record CreatedWebhook(
    string Id, string Url, IReadOnlyList<string> EventTypes, IReadOnlyList<string> Subjects, DateTimeOffset CreatedAt, string Secret)
{
    public IReadOnlyList<string> EventTypes { get; init; } = EventTypes ?? [];

    public IReadOnlyList<string> Subjects { get; init; } = Subjects ?? [];

    // a record prints its members: one is a secret
    public override string ToString() => $"{nameof(CreatedWebhook)} {Id}";
}

/// <summary>How a webhook gets a new secret.</summary>
public sealed record SecretRotation
{
    /// <summary>How long the old secret still signs beside the new one: 0 to 604800 (seven days); 86400 when absent.</summary>
    public int? OverlapSeconds { get; init; }
}

/// <summary>A webhook's new secret.</summary>
/// <param name="Id">The webhook's.</param>
/// <param name="Secret"><c>whsec_</c> and the signature's key in base64: no other answer ever holds it.</param>
/// <param name="PreviousSecretEndsAt">Until then every delivery carries a signature of each; absent where the old secret ended at once.</param>
public sealed record RotatedSecret(string Id, string Secret, DateTimeOffset? PreviousSecretEndsAt)
{
    // a record prints its members: one is a secret
    public override string ToString() => $"{nameof(RotatedSecret)} {Id}";
}

/// <summary>Something that a webhook can be told of.</summary>
/// <param name="Name">As event_types names it.</param>
/// <param name="Description">What has happened, in a sentence.</param>
/// <param name="NeedsPerson">Whether somebody must do something: a webhook that names no types is told of these.</param>
public sealed record WebhookEventType(string Name, string Description, bool NeedsPerson);

/// <summary>All that webhooks can be told of.</summary>
/// <param name="EventTypes">By area.</param>
public sealed record WebhookEventTypeList(IReadOnlyList<WebhookEventType> EventTypes)
{
    public IReadOnlyList<WebhookEventType> EventTypes { get; init; } = EventTypes ?? [];
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
/// <param name="Total">On all pages together.</param>
public sealed record WebhookDeliveryPage(IReadOnlyList<WebhookDelivery> Deliveries, string? NextPageToken, int Total);
