using System.Security.Cryptography;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>A key that an app shows in <c>Authorization: Bearer</c>. Its secret was shown once; only its SHA-256 is kept.</summary>
internal sealed class ApiKey
{
    public required TenantId TenantId { get; init; }

    public required string Id { get; init; }

    public required string Name { get; set; }

    public required Role Role { get; set; }

    public required byte[] SecretSha256 { get; set; }

    /// <summary>Of the secret before the last rotation; null where it has none, or had it end at once.</summary>
    public byte[]? PreviousSha256 { get; set; }

    /// <summary>Until when that one opens, too.</summary>
    public DateTimeOffset? PreviousEndsAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The subject who made it: <c>key:...</c> or <c>service:gateway</c>.</summary>
    public required string CreatedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose connections alone it sees; null: those of all owners.</summary>
    public string? Owner { get; init; }

    /// <summary>Each as a ticket carries it: <c>tokens:read:{connection id}</c>.</summary>
    public List<string> Permissions { get; init; } = [];

    /// <summary>Whether this is its secret, or the one before while that still opens.</summary>
    public bool IsOpenedBy(byte[] secretSha256, DateTimeOffset now) => CryptographicOperations.FixedTimeEquals(secretSha256, SecretSha256)
        || (PreviousSha256 is { } previous && now < PreviousEndsAt && CryptographicOperations.FixedTimeEquals(secretSha256, previous));

    /// <summary>The connections whose tokens it is handed.</summary>
    public IEnumerable<string> ConnectionIds => ConnectionsIn(Permissions);

    /// <summary>The connections in permissions as tickets carry them.</summary>
    public static IEnumerable<string> ConnectionsIn(IEnumerable<string> permissions)
    {
        const string prefix = ServiceDefaults.Identity.Permissions.TokensRead + ":";
        return permissions.Where(permission => permission.StartsWith(prefix, StringComparison.Ordinal)).Select(permission => permission[prefix.Length..]);
    }

    /// <summary>Correct to a few minutes: written at most every <see cref="ApiKeyStore.LastUsedPrecision"/>.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>What the audit says of it: its secret as a fingerprint.</summary>
    internal object ForAudit => new
    {
        Name,
        Role = ApiName.Of(Role.As<KeyRole>()),
        ExpiresAt,
        Owner,
        Permissions,
        Secret = Convert.ToHexStringLower(SecretSha256)[..8],
    };
}

/// <summary>Which tenant a key belongs to: looked up before the tenant is known, so it carries nothing else.</summary>
internal sealed class ApiKeyTenant
{
    public required string KeyId { get; init; }

    public required TenantId TenantId { get; init; }
}
