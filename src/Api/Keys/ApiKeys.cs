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
public sealed record NewApiKey(string Name, KeyRole Role, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Binds it to one owner: it sees and uses that owner's connections alone, and cannot be <c>admin</c>. All owners' when absent.</summary>
    public string? Owner { get; init; }

    /// <summary>What it may do beside its role; nothing when absent.</summary>
    public IReadOnlyList<PermissionEntry>? Permissions { get; init; }
}

/// <summary>What a key may do beside its role.</summary>
/// <param name="Name"><c>tokens:read</c>: be handed access tokens of the connections named.</param>
/// <param name="ConnectionIds">The connections that it holds for: 1 to 20.</param>
public sealed record PermissionEntry(string Name, IReadOnlyList<string> ConnectionIds)
{
    public IReadOnlyList<string> ConnectionIds { get; init; } = ConnectionIds ?? [];
}

/// <summary>A connection that a key has a permission for.</summary>
/// <param name="Id">The connection.</param>
/// <param name="Provider">zoho or hubspot; absent where the connection is gone, or the service that knows it does not answer.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="GrantedScopes">What a token of it can do: all that its grant covers. Empty where the provider did not say.</param>
public sealed record KeyConnection(string Id, string? Provider, string? Owner, IReadOnlyList<string> GrantedScopes)
{
    public IReadOnlyList<string> GrantedScopes { get; init; } = GrantedScopes ?? [];
}

/// <summary>A key without its secret.</summary>
/// <param name="Id">The key's public part: the second of <c>zp_{id}_{secret}</c>.</param>
/// <param name="Name">What uses it.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom: <c>key:...</c> or <c>service:gateway</c>.</param>
/// <param name="ExpiresAt">Until when it works; absent where for ever.</param>
/// <param name="LastUsedAt">Correct to a few minutes; absent before its first use.</param>
/// <param name="Owner">Whose connections alone it sees; absent where those of all owners.</param>
/// <param name="Permissions">What it may do beside its role.</param>
/// <param name="Connections">The connections that its permissions name, with what a token of each can do.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    KeyRole Role,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    string? Owner,
    IReadOnlyList<PermissionEntry> Permissions,
    IReadOnlyList<KeyConnection> Connections)
{
    public IReadOnlyList<PermissionEntry> Permissions { get; init; } = Permissions ?? [];

    public IReadOnlyList<KeyConnection> Connections { get; init; } = Connections ?? [];

    /// <summary>Until then the secret before the last rotation opens too; absent while there is one secret.</summary>
    public DateTimeOffset? PreviousSecretEndsAt { get; init; }
}

/// <summary>A page of a tenant's keys.</summary>
/// <param name="Keys">Oldest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
/// <param name="Total">On all pages together.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKey> Keys, string? NextPageToken, int Total)
{
    public IReadOnlyList<ApiKey> Keys { get; init; } = Keys ?? [];
}

/// <summary>What is changed of a key.</summary>
/// <param name="Name">What uses it, for the people who read the list: 1 to 100 characters.</param>
public sealed record ApiKeyChange(string Name);

/// <summary>How a key gets a new secret.</summary>
public sealed record KeyRotation
{
    /// <summary>How long the old secret still opens beside the new one: 0 to 604800 (seven days); 86400 when absent.</summary>
    public int? OverlapSeconds { get; init; }
}

/// <summary>A key's new secret.</summary>
/// <param name="Id">The key's public part, as it was.</param>
/// <param name="Key">The whole of it, <c>zp_...</c>: no other answer ever holds it.</param>
/// <param name="PreviousSecretEndsAt">Until then the key with the old secret opens too; absent where it ended at once.</param>
public sealed record RotatedApiKey(string Id, string Key, DateTimeOffset? PreviousSecretEndsAt)
{
    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(RotatedApiKey)} {Id}";
}

/// <summary>A new key.</summary>
/// <param name="Id">Its public part.</param>
/// <param name="Name">What uses it.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">Until when it works; absent where for ever.</param>
/// <param name="Key">The whole of it, <c>zp_...</c>: no other answer ever holds it.</param>
/// <param name="Owner">Whose connections alone it sees; absent where those of all owners.</param>
/// <param name="Permissions">What it may do beside its role.</param>
/// <param name="Connections">The connections that its permissions name, with what a token of each can do.</param>
public sealed record CreatedApiKey(
    string Id,
    string Name,
    KeyRole Role,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    string Key,
    string? Owner,
    IReadOnlyList<PermissionEntry> Permissions,
    IReadOnlyList<KeyConnection> Connections)
{
    public IReadOnlyList<PermissionEntry> Permissions { get; init; } = Permissions ?? [];

    public IReadOnlyList<KeyConnection> Connections { get; init; } = Connections ?? [];

    // a record prints its members: the key is a secret
    public override string ToString() => $"{nameof(CreatedApiKey)} {Id}";
}

/// <summary>Whose key a call was made with.</summary>
/// <param name="TenantId">Whose data the key reaches.</param>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="KeyId">The key's public part: the second of <c>zp_{id}_{secret}</c>.</param>
/// <param name="Owner">Whose connections alone it sees; absent where those of all owners.</param>
/// <param name="Permissions">What it may do beside its role.</param>
public sealed record WhoAmI(string TenantId, string Tenant, KeyRole Role, string KeyId, string? Owner, IReadOnlyList<PermissionEntry> Permissions)
{
    public IReadOnlyList<PermissionEntry> Permissions { get; init; } = Permissions ?? [];
}
