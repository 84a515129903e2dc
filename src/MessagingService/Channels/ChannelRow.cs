using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Channels;

/// <summary>A WhatsApp app of Meta's Cloud API, through which messages of a tenant come in.</summary>
internal sealed class ChannelRow
{
    public static readonly SealedColumn AppSecrets = new("channels", "app_secret", "'channel:' || id", "app_secret");

    public static readonly SealedColumn VerifyTokens = new("channels", "verify_token", "'channel:' || id", "verify_token");

    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    /// <summary>Sealed; null while there is none, and nothing that comes is believed.</summary>
    public byte[]? AppSecret { get; set; }

    /// <summary>Sealed.</summary>
    public required byte[] VerifyToken { get; set; }

    /// <summary>What may be shown of both.</summary>
    public string AppSecretMask { get; set; } = "";

    public required string VerifyTokenMask { get; set; }

    /// <summary>Meta's id of the number whose messages are taken; empty for all of the app.</summary>
    public string PhoneNumberId { get; set; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? ReceivedAt { get; set; }

    public DateTimeOffset? VerifiedAt { get; set; }

    public int Version { get; set; } = 1;

    public SecretPlace AppSecretPlace => new(TenantId, $"channel:{Id}", AppSecrets.Field);

    public SecretPlace VerifyTokenPlace => new(TenantId, $"channel:{Id}", VerifyTokens.Field);
}

/// <summary>Whose a channel is, which is asked before the tenant is known.</summary>
internal sealed class ChannelTenantRow
{
    public required Guid Id { get; init; }

    public required TenantId TenantId { get; init; }
}
