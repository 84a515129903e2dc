using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CrmService.Inbox;

/// <summary>A service that wants to be told what changes in a feed.</summary>
internal sealed class SubscriptionRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid FeedId { get; init; }

    /// <summary>Which service, as its ticket says: <c>service:messaging</c>.</summary>
    public required string Subscriber { get; init; }

    public required string ConnectionId { get; init; }

    public required string Module { get; init; }

    /// <summary>What it is told of a record.</summary>
    public required string[] Fields { get; set; }

    /// <summary>Nothing of before; null for everything.</summary>
    public DateTimeOffset? From { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
