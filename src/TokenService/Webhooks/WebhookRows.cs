using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>Where a tenant wants to be told.</summary>
internal sealed class WebhookRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Url { get; init; }

    public required List<string> EventTypes { get; init; }

    public required byte[] SecretSealed { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when nothing was taken.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>From then on it is sent nothing but tests.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    public string DisabledReason { get; init; } = "";

    public static SealedColumn Secrets { get; } = new("webhooks", "secret_sealed", "'webhook:' || id", "secret");

    public static SecretPlace PlaceOf(TenantId tenant, Guid id) => new(tenant, $"webhook:{id}", Secrets.Field);
}

/// <summary>One event for one webhook.</summary>
internal sealed class DeliveryRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid WebhookId { get; init; }

    /// <summary>The same for every webhook and every attempt: receivers tell repetitions by it.</summary>
    public required Guid EventId { get; init; }

    public required string EventType { get; init; }

    /// <summary>What is sent and signed, to the letter.</summary>
    public required string Body { get; init; }

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

internal static class EventTypes
{
    /// <summary>Sent on request only; nobody subscribes to it.</summary>
    public const string Test = "webhook.test";

    public static readonly IReadOnlyList<string> All = [.. AlertCauses.All.Select(Of)];

    public static readonly IReadOnlyList<string> ForPeople = [.. AlertCauses.All.Where(AlertCauses.NeedsPerson).Select(Of)];

    public static string Of(string cause) => $"connection.{cause}";
}
