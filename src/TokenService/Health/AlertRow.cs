using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Health;

/// <summary>A cause that was raised for a connection. Of the open ones there is one per connection and cause.</summary>
internal sealed class AlertRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid ConnectionId { get; init; }

    /// <summary>One of <see cref="AlertCauses"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>What is wrong and what to do, in a sentence.</summary>
    public required string Message { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it ends by itself; null where something must happen first.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }
}
