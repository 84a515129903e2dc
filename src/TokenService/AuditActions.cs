using ZohoPlatform.Erasure;

namespace ZohoPlatform.TokenService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public const string ConnectionCreated = "connection.created";
    public const string ConnectionReplaced = "connection.replaced";
    public const string ConnectionDeleted = "connection.deleted";
    public const string GrantRevoked = "grant.revoked";
    public const string SettingsChanged = "settings.changed";
    public const string TokenHandedOut = "token.handed_out";

    public static readonly IReadOnlyList<string> All =
    [
        ConnectionCreated, ConnectionReplaced, ConnectionDeleted, GrantRevoked, SettingsChanged, TokenHandedOut, TenantErasure.Action,
    ];
}
