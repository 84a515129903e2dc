using ZohoPlatform.Erasure;

namespace ZohoPlatform.Gateway;

/// <summary>What the gateway itself writes into the audit.</summary>
internal static class AuditActions
{
    public const string KeyCreated = "key.created";
    /// <summary>Of the platform key alone: a setting gives it another secret.</summary>
    public const string KeyReplaced = "key.replaced";
    public const string KeyDeleted = "key.deleted";
    public const string KeyRenamed = "key.renamed";
    public const string KeyRotated = "key.rotated";
    public const string TenantCreated = "tenant.created";
    /// <summary>Asked for; what the services kept of it follows, each with a <c>tenant.erased</c>, the last of them in the same audit as this.</summary>
    public const string TenantDeleted = "tenant.deleted";
    /// <summary>Written before any ring is asked: whatever becomes of the answers, who began it stands here.</summary>
    public const string KeyRingRotationRequested = "key_ring.rotation_requested";
    public const string KeyRingRotated = "key_ring.rotated";
    public const string AuditExported = "audit.exported";

    public static readonly IReadOnlyList<string> All =
    [
        KeyCreated, KeyReplaced, KeyDeleted, KeyRenamed, KeyRotated, TenantCreated, TenantDeleted, KeyRingRotationRequested, KeyRingRotated,
        AuditExported, TenantErasure.Action,
    ];
}
