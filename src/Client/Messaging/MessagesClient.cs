using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Messaging;

/// <summary>Messages of conversations, on their way to Zoho CRM. The platform records messages and sends none to anybody.</summary>
public sealed class MessagesClient
{
    private const string Path = "api/v1/messages";

    private readonly GatewayCalls _calls;

    internal MessagesClient(GatewayCalls calls) => _calls = calls;

    /// <summary>
    /// Stored when it answers. One whose external id is known does nothing and is a <see cref="MessageOutcome.Duplicate"/>;
    /// <see cref="PlatformException"/> with the field where it is refused. Role needed: operator.
    /// </summary>
    /// <param name="message">What was said, and by or to whom.</param>
    /// <param name="idempotencyKey">1 to 200 visible ASCII characters. Its external id does as well.</param>
    /// <param name="cancellationToken">Ends the wait; what was stored already stays.</param>
    public Task<StoredMessage> SendAsync(NewMessage message, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(Path, message, PlatformJson.Default.NewMessage, PlatformJson.Default.StoredMessage, idempotencyKey, cancellationToken);

    /// <summary>
    /// Stores up to 500, and answers each in its place: one that is wrong is <see cref="MessageOutcome.Refused"/>, and the others are
    /// stored. At most 5 MB
    /// together. Role needed: operator.
    /// </summary>
    /// <param name="messages">1 to 500.</param>
    /// <param name="idempotencyKey">1 to 200 visible ASCII characters. Their external ids do as well.</param>
    /// <param name="cancellationToken">Ends the wait; what was stored already stays.</param>
    public async Task<IReadOnlyList<StoredMessage>> SendAllAsync(
        IReadOnlyList<NewMessage> messages, string? idempotencyKey = null, CancellationToken cancellationToken = default) => (await _calls.PostAsync(
        Path,
        new NewMessages(messages),
        PlatformJson.Default.NewMessages,
        PlatformJson.Default.StoredMessages,
        idempotencyKey,
        cancellationToken)).Messages;

    /// <summary>Newest first. Role needed: viewer.</summary>
    /// <param name="conversationId">Only those of this conversation; all when null.</param>
    /// <param name="syncState">Only those that are so far on their way to Zoho CRM; all when null.</param>
    /// <param name="query">Only those whose text has it, in any case; 2 to 100 characters.</param>
    /// <param name="externalId">Only the one with this id of its sender.</param>
    /// <param name="oldestFirst">In the other order.</param>
    public IAsyncEnumerable<ConversationMessage> ListAsync(
        string? conversationId = null, MessageSyncState? syncState = null, string? query = null, string? externalId = null, bool oldestFirst = false) =>
        PagesOf(_calls, token => Paths.With(
            Path,
            ("conversation_id", conversationId),
            ("sync_state", syncState is { } wanted ? ApiName.Of(wanted) : null),
            ("query", query),
            ("external_id", externalId),
            ("order_by", OrderOf(oldestFirst)),
            ("page_size", "200"),
            ("page_token", token)));

    /// <summary>Role needed: viewer.</summary>
    public Task<ConversationMessage> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.ConversationMessage, cancellationToken);

    /// <summary>
    /// Has it synced to Zoho CRM again; nothing is sent to the person. <see cref="PlatformException"/> with the code
    /// <c>message_without_phone</c> where it
    /// cannot be. Role needed: operator.
    /// </summary>
    public Task<ConversationMessage> ResendAsync(string id, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/resend", PlatformJson.Default.ConversationMessage, idempotencyKey: null, cancellationToken);

    /// <summary>
    /// Gives one up that failed: it stays stored and is not synced. <see cref="PlatformException"/> with the code <c>message_not_failed</c>
    /// in another
    /// state. Role needed: operator.
    /// </summary>
    public Task<ConversationMessage> DiscardAsync(string id, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/discard", PlatformJson.Default.ConversationMessage, idempotencyKey: null, cancellationToken);

    /// <summary>Has what failed, or was skipped or kept in notes with a code, synced again, the oldest first, 1,000 by one call. Role needed: operator.</summary>
    /// <param name="which">All of it, or that of one code.</param>
    /// <param name="cancellationToken">Ends the wait; what was begun goes on.</param>
    public Task<RetriedMessages> RetryAllAsync(FailedMessages which, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/retry",
        which,
        PlatformJson.Default.FailedMessages,
        PlatformJson.Default.RetriedMessages,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>Gives up what failed, 1,000 by one call. Role needed: operator.</summary>
    /// <param name="which">All of it, or that of one code.</param>
    /// <param name="cancellationToken">Ends the wait; what was begun goes on.</param>
    public Task<DiscardedMessages> DiscardAllAsync(FailedMessages which, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/discard",
        which,
        PlatformJson.Default.FailedMessages,
        PlatformJson.Default.DiscardedMessages,
        idempotencyKey: null,
        cancellationToken);

    /// <summary>
    /// New messages and known ones after each change, as they come, without an end. A stream that was cut is taken up where it was;
    /// <see cref="PlatformException"/> where that fails for some minutes. Role needed: viewer.
    /// </summary>
    /// <param name="conversationId">Only those of this conversation; all when null.</param>
    /// <param name="after"><see cref="ConversationMessage.Position"/> of the last change that is known; 0 for all that are kept; null for those from now on.</param>
    /// <param name="cancellationToken">Ends the watching.</param>
    public IAsyncEnumerable<ConversationMessage> WatchAsync(
        string? conversationId = null, long? after = null, CancellationToken cancellationToken = default) => EventStream.FollowAsync(
        _calls,
        Paths.With($"{Path}/events", ("conversation_id", conversationId)),
        after?.ToString(CultureInfo.InvariantCulture),
        EventOf,
        _ => false,
        cancellationToken);

    /// <summary>Messages at <paramref name="path"/>, which may have parameters of its own.</summary>
    internal static IAsyncEnumerable<ConversationMessage> PagesOf(GatewayCalls calls, Func<string?, string> path) => Pages.ItemsAsync(
        (token, cancellationToken) => calls.GetAsync(path(token), PlatformJson.Default.MessagePage, cancellationToken),
        page => (page.Messages, page.NextPageToken));

    internal static string? OrderOf(bool oldestFirst) => oldestFirst ? "sent_at asc" : null;

    private static ConversationMessage? EventOf(SseItem<string> item) =>
        item.EventType == "message" ? JsonSerializer.Deserialize(item.Data, PlatformJson.Default.ConversationMessage) : null;
}
