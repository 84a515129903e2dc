using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>What has happened. One that was handed over twice stands here once.</summary>
internal sealed class EventRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>The same for every webhook and every attempt: receivers tell repetitions by it.</summary>
    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required string Subject { get; init; }

    /// <summary>What is sent and signed, to the letter.</summary>
    public required string Body { get; init; }

    /// <summary>The service that told it.</summary>
    public required string Source { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>An event as receivers read it.</summary>
internal static class EventBody
{
    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(Guid id, string type, DateTimeOffset occurredAt, string subject, JsonObject data) =>
        JsonSerializer.Serialize(new { id, type, occurred_at = occurredAt, subject, data }, JsonOptions);
}
