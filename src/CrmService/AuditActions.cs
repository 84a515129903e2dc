using ZohoPlatform.Erasure;

namespace ZohoPlatform.CrmService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public const string FeedRefreshed = "feed.refreshed";
    public const string FeedPaused = "feed.paused";
    public const string FeedResumed = "feed.resumed";
    public const string DeletionsConfirmed = "feed.deletions_confirmed";
    public const string DeletionsRefused = "feed.deletions_refused";

    public static readonly IReadOnlyList<string> All =
        [FeedRefreshed, FeedPaused, FeedResumed, DeletionsConfirmed, DeletionsRefused, TenantErasure.Action];
}
