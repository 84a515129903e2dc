using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>
/// A person's way to the provider's consent page and back. It is opened once and its callback taken once; how it ended is kept for
/// <see cref="KeptAfterItsEnd"/>, for a page that is loaded again and for who waits for it.
/// </summary>
internal sealed class AuthorizationRow
{
    /// <summary>For a person to open a link; and once more to sign in, choose an organisation and consent.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan KeptAfterItsEnd = TimeSpan.FromHours(1);

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

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When a browser was sent to the consent page.</summary>
    public DateTimeOffset? OpenedAt { get; set; }

    /// <summary>When the browser came back: of two callbacks one writes it.</summary>
    public DateTimeOffset? TakenAt { get; set; }

    /// <summary>With <see cref="ConnectionId"/> or with a failure.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    public Guid? ConnectionId { get; set; }

    public FailureKind? FailureKind { get; set; }

    public string? FailureCode { get; set; }

    public string? FailureMessage { get; set; }

    /// <summary>Null where it has not failed.</summary>
    public Failure? Failure => FailureKind is { } kind ? new Failure(kind, FailureCode!, FailureMessage!) : null;
}
