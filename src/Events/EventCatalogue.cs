namespace ZohoPlatform.Events;

/// <summary>
/// Every type of event there is, once: services raise what stands here, subscriptions name what stands here, and the API lists it. A new one
/// is one more property and its place in <see cref="All"/>.
/// </summary>
public static class EventCatalogue
{
    private const string Tokens = "tokens";
    private const string Campaigns = "campaigns";
    private const string Crm = "crm";
    private const string Messaging = "messaging";

    public static EventType ConnectionGrantRevoked { get; } = new(
        "connection.grant_revoked", "The grant of a connection was taken back at the provider: somebody must connect it again.", Tokens, NeedsPerson: true);

    public static EventType ConnectionMisconfigured { get; } = new(
        "connection.misconfigured", "The provider refuses the client or its secret: the settings must be mended.", Tokens, NeedsPerson: true);

    public static EventType ConnectionScopesMissing { get; } = new(
        "connection.scopes_missing", "A connection was granted less than its features need: somebody must connect it again.", Tokens, NeedsPerson: true);

    public static EventType ConnectionBudgetHalf { get; } = new(
        "connection.budget_half", "Half of the tokens that a grant may be given in ten minutes are used.", Tokens, NeedsPerson: false);

    public static EventType ConnectionBudgetNearlySpent { get; } = new(
        "connection.budget_nearly_spent", "Nearly all of the tokens that a grant may be given in ten minutes are used.", Tokens, NeedsPerson: true);

    public static EventType ConnectionRefreshTokensNearlySpent { get; } = new(
        "connection.refresh_tokens_nearly_spent",
        "A user has nearly as many refresh tokens as the provider keeps: one more deletes the oldest.",
        Tokens,
        NeedsPerson: true);

    public static EventType RegistrationsBlocked { get; } = new(
        "campaigns.registrations.blocked",
        "Registrations are taken and cannot be pushed before somebody has set something up; they wait until then.",
        Campaigns,
        NeedsPerson: true);

    public static EventType SyncFinished { get; } = new(
        "campaigns.sync.finished", "A sync has come to its end: every contact of its source has an outcome.", Campaigns, NeedsPerson: false);

    public static EventType SyncFailed { get; } = new(
        "campaigns.sync.failed", "A sync has ended because its source or its mapping cannot be used.", Campaigns, NeedsPerson: true);

    public static EventType SyncPaused { get; } = new(
        "campaigns.sync.paused", "A sync has stopped by itself: somebody must act, and resume it where it does not say when it looks again.", Campaigns, NeedsPerson: true);

    public static EventType FeedFailed { get; } = new(
        "crm.feed.failed", "A module of the CRM cannot be followed any further: somebody must set something up or confirm it, or the provider has not answered for a quarter of an hour.", Crm, NeedsPerson: true);

    public static EventType LeadChanged { get; } = new(
        "crm.lead.changed", "The name or a phone of a lead or contact was changed in the CRM, it was converted, or it is gone from it (deleted, or merged into another).", Messaging, NeedsPerson: false);

    public static EventType MessagesBlocked { get; } = new(
        "messaging.messages.blocked",
        "Messages are stored and cannot be brought into the CRM before somebody has set something up; they wait until then.",
        Messaging,
        NeedsPerson: true);

    public static IReadOnlyList<EventType> All { get; } =
    [
        ConnectionGrantRevoked, ConnectionMisconfigured, ConnectionScopesMissing, ConnectionBudgetHalf, ConnectionBudgetNearlySpent,
        ConnectionRefreshTokensNearlySpent, RegistrationsBlocked, SyncFinished, SyncFailed, SyncPaused, FeedFailed,
        LeadChanged, MessagesBlocked,
    ];
}
