using ZohoPlatform.Erasure;

namespace ZohoPlatform.CampaignsService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public const string SettingsChanged = "settings.changed";
    public const string ListCreated = "list.created";
    public const string SourceUploaded = "source.uploaded";
    public const string SyncCreated = "sync.created";
    public const string SyncPaused = "sync.paused";
    public const string SyncResumed = "sync.resumed";
    public const string SyncCancelled = "sync.cancelled";
    public const string SyncDeleted = "sync.deleted";
    public const string ConsentOverridden = "consent.overridden";
    public const string ContactUnsubscribed = "contact.unsubscribed";
    public const string ContactBlocked = "contact.blocked";
    public const string ContactForgotten = "contact.forgotten";
    public const string OptOutLifted = "opt_out.lifted";
    public const string ContactsRead = "contacts.read";
    public const string ContactsExported = "contacts.exported";
    public const string ContactsRetried = "contacts.retried";

    public static readonly IReadOnlyList<string> All =
    [
        SettingsChanged, ListCreated, SourceUploaded, SyncCreated, SyncPaused, SyncResumed, SyncCancelled, SyncDeleted, ConsentOverridden,
        ContactUnsubscribed, ContactBlocked, ContactForgotten, OptOutLifted, ContactsRead, ContactsExported, ContactsRetried, TenantErasure.Action,
    ];
}
