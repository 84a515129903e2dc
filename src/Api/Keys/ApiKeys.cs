using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Keys;

/// <summary>What a key may do; each also what those before it may.</summary>
[JsonConverter(typeof(ApiNameConverter<KeyRole>))]
public enum KeyRole
{
    Unknown,

    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Pushes contacts and runs tests.</summary>
    Operator,

    /// <summary>Everything in its tenant.</summary>
    Admin,
}

/// <summary>A key to make.</summary>
/// <param name="Name">What uses it, for the people who read the list: 1 to 100 characters.</param>
/// <param name="Role"><c>viewer</c> reads, <c>operator</c> also pushes contacts and runs tests, <c>admin</c> does everything in its tenant.</param>
/// <param name="ExpiresAt">Until when it works; for ever when absent.</param>
public sealed record NewApiKey(string Name, KeyRole Role, DateTimeOffset? ExpiresAt = null);

/// <summary>A key without its secret.</summary>
/// <param name="Id">The key's public part: the second of <c>zp_{id}_{secret}</c>.</param>
/// <param name="Name">What uses it.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom: <c>key:...</c> or <c>service:gateway</c>.</param>
/// <param name="ExpiresAt">Until when it works; absent where for ever.</param>
/// <param name="LastUsedAt">Correct to a few minutes; absent before its first use.</param>
public sealed record ApiKey(
    string Id, string Name, KeyRole Role, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>All keys of a tenant.</summary>
/// <param name="Keys">Oldest first.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKey> Keys)
{
    public IReadOnlyList<ApiKey> Keys { get; init; } = Keys ?? [];
}

/// <summary>A new key.</summary>
/// <param name="Id">Its public part.</param>
/// <param name="Name">What uses it.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it works; absent where for ever.</param>
/// <param name="Key">The whole of it, <c>zp_...</c>: no other answer ever holds it.</param>
public sealed record CreatedApiKey(string Id, string Name, KeyRole Role, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string Key)
{
    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(CreatedApiKey)} {Id}";
}

/// <summary>Whose key a call was made with.</summary>
/// <param name="TenantId">Whose data the key reaches.</param>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="KeyId">The key's public part: the second of <c>zp_{id}_{secret}</c>.</param>
public sealed record WhoAmI(string TenantId, string Tenant, KeyRole Role, string KeyId);
