using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Messaging;

/// <summary>Messages as people read them.</summary>
internal static class MessageSheet
{
    private const int MostText = 60;

    public static void List(IReadOnlyList<ConversationMessage> messages, Terminal terminal) => terminal.Table(
        ["Id", "Sent", "Way", "State", "Text", "Why"],
        [.. messages.Select(message => (string[])
            [
                message.Id,
                Words.Of(message.SentAt),
                ApiName.Of(message.Direction),
                StateOf(message),
                Short(message),
                message.Message is { } why ? CommandWords.Said(why) : "-",
            ])]);

    public static void Show(ConversationMessage message, Terminal terminal)
    {
        terminal.Facts(
            ("Message", message.Id),
            ("External id", message.ExternalId),
            ("Conversation", message.ConversationId),
            ("Channel", message.ChannelId),
            ("Source", message.Source),
            ("Way", ApiName.Of(message.Direction)),
            ("Type", message.Type),
            ("Campaign", message.Campaign),
            ("Text", message.Text),
            ("Sent", Words.Of(message.SentAt)),
            ("Stored", Words.Of(message.ReceivedAt)),
            ("Status", message.Status is { } status ? $"{ApiName.Of(status)}, {Words.Of(message.StatusAt)}" : null),
            ("Not delivered", message.ErrorCode is { } code ? $"{code}{CommandWords.Because(message.ErrorMessage)}" : null),
            ("Zoho CRM", StateOf(message)),
            ("Record", message.CrmRecordId is { } record ? $"{message.CrmModule} {record}" : null),
            ("Tries", Words.Of((long)message.Attempts)),
            ("Next try", message.NextAttemptAt is { } next ? Words.Of(next) : null));
        if (message.Message is { } why)
        {
            terminal.Line($"{message.Code}{CommandWords.Because(why)}", message.SyncState is MessageSyncState.Failed ? "red" : "yellow");
        }

        if (message.SyncState is MessageSyncState.Failed)
        {
            terminal.Line($"Once it is set right: zoho messages resend {message.Id}. To give it up: zoho messages discard {message.Id}");
        }
    }

    /// <summary>One line, of a stream of them.</summary>
    public static string LineOf(ConversationMessage message) =>
        $"{Words.Of(message.SentAt)}  {ApiName.Of(message.Direction)}  {StateOf(message)}  {message.ConversationId}  {Short(message)}";

    private static string StateOf(ConversationMessage message) =>
        message is { SyncState: MessageSyncState.Skipped or MessageSyncState.Failed, Code: { } code }
            ? $"{ApiName.Of(message.SyncState)} ({code})"
            : ApiName.Of(message.SyncState);

    private static string Short(ConversationMessage message)
    {
        var text = message.Text ?? $"({message.Type})";
        return text.Length <= MostText ? text : $"{text[..(MostText - 1)]}…";
    }
}
