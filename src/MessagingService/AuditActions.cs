using ZohoPlatform.Erasure;

namespace ZohoPlatform.MessagingService;

/// <summary>What this service writes into the audit.</summary>
internal static class AuditActions
{
    public const string ChannelCreated = "channel.created";
    public const string ChannelChanged = "channel.changed";
    public const string ChannelDeleted = "channel.deleted";
    public const string ChannelRotated = "channel.rotated";
    public const string MessageResent = "message.resent";
    public const string MessagesRetried = "messages.retried";
    public const string MessageDiscarded = "message.discarded";
    public const string MessagesDiscarded = "messages.discarded";
    public const string SettingsChanged = "settings.changed";
    public const string LinkKeyRotated = "link_key.rotated";
    public const string ConversationsRead = "conversations.read";

    public static readonly IReadOnlyList<string> All =
    [
        ChannelCreated, ChannelChanged, ChannelDeleted, ChannelRotated, MessageResent, MessagesRetried, MessageDiscarded, MessagesDiscarded,
        SettingsChanged, LinkKeyRotated, ConversationsRead, TenantErasure.Action,
    ];
}
