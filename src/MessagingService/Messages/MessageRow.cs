using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>A message of a person, to a person, or to a person among many.</summary>
internal sealed class MessageRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid ConversationId { get; set; }

    /// <summary>The sender's own, unique among all of the tenant's.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Null where it did not come through a channel.</summary>
    public Guid? ChannelId { get; init; }

    public required string Source { get; init; }

    public required MessageDirection Direction { get; init; }

    public required string Type { get; init; }

    public required string Text { get; init; }

    public string? Campaign { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When its sender made of <see cref="Text"/> what it is; null where it is as it came.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    public DeliveryStatus Status { get; set; }

    public DateTimeOffset? StatusAt { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public required SyncState SyncState { get; set; }

    public string SyncCode { get; set; } = "";

    public string SyncMessage { get; set; } = "";

    public int Attempts { get; set; }

    /// <summary>A person wants it synced, whatever moment it is from.</summary>
    public bool IsAskedFor { get; set; }

    public DateTimeOffset? NextAttemptAt { get; set; }

    public string? CrmModule { get; set; }

    public string? CrmRecordId { get; set; }

    public DateTimeOffset? SyncedAt { get; set; }

    /// <summary>Zoho CRM shows another delivery status than <see cref="Status"/>, or other words than <see cref="Text"/>.</summary>
    public bool IsStale { get; set; }

    /// <summary>Its place in the order in which the tenant's messages were stored.</summary>
    public required long Sequence { get; init; }

    /// <summary>The place of its last change, in one order with <see cref="Sequence"/>.</summary>
    public required long Position { get; set; }
}

/// <summary>What a message's provider or app wrote, whole. Nothing here reads it, so it is not read with the message, which it can be many times as long as.</summary>
internal sealed class MessageContentRow
{
    public required TenantId TenantId { get; init; }

    public required Guid MessageId { get; init; }

    /// <summary>JSON, up to 64 KB.</summary>
    public required string Content { get; init; }
}

/// <summary>A delivery status of a message that is not here yet; kept for a week.</summary>
internal sealed class EarlyStatusRow
{
    public required TenantId TenantId { get; init; }

    public required string ExternalId { get; init; }

    public required DeliveryStatus Status { get; set; }

    public required DateTimeOffset At { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public required DateTimeOffset ReceivedAt { get; init; }
}
