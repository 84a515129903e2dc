using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>A person is on the way to the provider's consent page. The row goes when the browser comes back: a state works once.</summary>
internal sealed class PendingAuthorization
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Provider { get; init; }

    /// <summary>Those asked for and those that the owner's connections serve already.</summary>
    public required List<string> Features { get; init; }

    /// <summary>Those asked for and those of the owner's connections.</summary>
    public required List<string> ExtraScopes { get; init; }

    /// <summary>Where the client is registered; where the person's account lives is known only at the callback.</summary>
    public required string DataCentre { get; init; }

    public required string Owner { get; init; }

    public required string RedirectUri { get; init; }

    /// <summary>Who began it, for the audit: the callback itself comes from nobody.</summary>
    public required string Actor { get; init; }

    public required string? ActorFrom { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
