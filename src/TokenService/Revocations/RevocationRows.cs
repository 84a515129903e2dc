using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Revocations;

/// <summary>A grant that is forgotten here and not yet at the provider.</summary>
internal sealed class Revocation
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required Guid ConnectionId { get; init; }

    public required string Provider { get; init; }

    public required string DataCentre { get; init; }

    public required byte[] RefreshTokenSealed { get; set; }

    public required string GrantSha256 { get; init; }

    /// <summary>With <see cref="Owner"/> and <see cref="ProviderUserId"/>: whose refresh tokens it still counts among.</summary>
    public required string ClientId { get; init; }

    public required string Owner { get; init; }

    public required string ProviderUserId { get; init; }

    public static SealedColumn RefreshTokens { get; } = new("revocations", "refresh_token_sealed", "'revocation:' || id", "refresh_token");

    public static SecretPlace PlaceOf(TenantId tenant, Guid id) => new(tenant, $"revocation:{id}", RefreshTokens.Field);
}

/// <summary>Says that a tenant has a <see cref="Revocation"/> due, and nothing of what is in it.</summary>
internal sealed class QueuedRevocation : QueuedWork;
