using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Messaging;

/// <summary>The tenant's conversations: all messages of one person each.</summary>
public sealed class ConversationsClient
{
    private const string Path = "api/v1/conversations";

    private readonly GatewayCalls _calls;

    internal ConversationsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>The one with the last message first. Role needed: viewer.</summary>
    /// <param name="query">Only those whose name has it in any case, or whose phone it is in any spelling; 2 to 100 characters.</param>
    /// <param name="unreadOnly">Only those with unread messages.</param>
    /// <param name="crmState">Only those that stand so in Zoho CRM; all when null.</param>
    public IAsyncEnumerable<Conversation> ListAsync(
        string? query = null, bool unreadOnly = false, ConversationCrmState? crmState = null) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                Path,
                ("query", query),
                ("unread", unreadOnly ? "true" : null),
                ("crm_state", crmState is { } wanted ? ApiName.Of(wanted) : null),
                ("page_size", "200"),
                ("page_token", token)),
            PlatformJson.Default.ConversationPage,
            cancellationToken),
        page => (page.Conversations, page.NextPageToken));

    /// <summary>One that was joined with another answers as that one. Role needed: viewer.</summary>
    public Task<Conversation> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Conversation, cancellationToken);

    /// <summary>Its messages, newest first. Role needed: viewer.</summary>
    /// <param name="id"><see cref="Conversation.Id"/>.</param>
    /// <param name="syncState">Only those that are so far on their way to Zoho CRM; all when null.</param>
    /// <param name="query">Only those whose text has it, in any case; 2 to 100 characters.</param>
    /// <param name="oldestFirst">In the other order.</param>
    public IAsyncEnumerable<ConversationMessage> MessagesAsync(
        string id, MessageSyncState? syncState = null, string? query = null, bool oldestFirst = false) =>
        MessagesClient.PagesOf(_calls, token => Paths.With(
            $"{Path}/{Paths.Part(id)}/messages",
            ("sync_state", syncState is { } wanted ? ApiName.Of(wanted) : null),
            ("query", query),
            ("order_by", MessagesClient.OrderOf(oldestFirst)),
            ("page_size", "200"),
            ("page_token", token)));

    /// <summary>
    /// Where it opens in Zoho CRM; <see cref="PlatformException"/> with the reason while there is no lead. Role needed: viewer.
    /// </summary>
    public Task<ConversationLink> GetLinkAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}/link", PlatformJson.Default.ConversationLink, cancellationToken);

    /// <summary>
    /// The same of the conversation of a phone; <see cref="PlatformException"/> with the code <c>conversation_not_found</c> where nobody
    /// has written from it.
    /// Role needed: viewer.
    /// </summary>
    /// <param name="phone">In any spelling.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ConversationLink> GetLinkByPhoneAsync(string phone, CancellationToken cancellationToken = default) =>
        _calls.GetAsync(Paths.With($"{Path}/link", ("phone", phone)), PlatformJson.Default.ConversationLink, cancellationToken);

    /// <summary>Says that people have read it up to now. Role needed: operator.</summary>
    public Task<Conversation> MarkReadAsync(string id, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/read", PlatformJson.Default.Conversation, idempotencyKey: null, cancellationToken);

    /// <summary>
    /// Takes back all links to conversations: each <see cref="ConversationLink.OpenUrl"/> that was handed out opens nothing any more. Role needed: admin.
    /// </summary>
    public Task RevokeLinksAsync(CancellationToken cancellationToken = default) => _calls.DeleteAsync($"{Path}/links", cancellationToken);
}
