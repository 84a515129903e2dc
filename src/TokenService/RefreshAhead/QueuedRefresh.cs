using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.RefreshAhead;

/// <summary>Says when a connection's token is to be replaced, and nothing of the token.</summary>
internal sealed class QueuedRefresh
{
    public required TenantId TenantId { get; init; }

    /// <summary>The connection's.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset DueAt { get; set; }

    /// <summary>When the token that was used ends. From then on the next caller refreshes, if there ever is one.</summary>
    public required DateTimeOffset Until { get; init; }
}
