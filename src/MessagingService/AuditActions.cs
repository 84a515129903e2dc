using ZohoPlatform.Erasure;

namespace ZohoPlatform.MessagingService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public static readonly IReadOnlyList<string> All = [TenantErasure.Action];
}
