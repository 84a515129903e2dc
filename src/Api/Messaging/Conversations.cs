using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Messaging;

/// <summary>How a conversation stands in Zoho CRM.</summary>
[JsonConverter(typeof(ApiNameConverter<ConversationCrmState>))]
public enum ConversationCrmState
{
    Unknown,

    /// <summary>No message of it was for Zoho CRM yet.</summary>
    None,

    /// <summary>Its lead is being found or made.</summary>
    Pending,
    Linked,

    /// <summary>There is no lead: code and message say why.</summary>
    Failed,
}

/// <summary>All messages of one person, by phone, or by WhatsApp's user id where there is none.</summary>
/// <param name="Id">Of the conversation.</param>
/// <param name="Messages">How many.</param>
/// <param name="Unread">Inbound ones since it was last read.</param>
/// <param name="Waiting">Messages that wait to be synced to Zoho CRM.</param>
/// <param name="Failed">Messages that Zoho CRM refuses.</param>
/// <param name="CrmState">none, pending, linked or failed.</param>
/// <param name="CreatedAt">When its first message was stored.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record Conversation(
    string Id,
    int Messages,
    int Unread,
    int Waiting,
    int Failed,
    ConversationCrmState CrmState,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>E.164; absent where the person's phone is not known.</summary>
    public string? Phone { get; init; }

    /// <summary>WhatsApp's, the last one that was told; absent where none was.</summary>
    public string? UserId { get; init; }

    /// <summary>As the person calls themselves.</summary>
    public string? Name { get; init; }

    /// <summary>When the last message was sent.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>What it says.</summary>
    public string? LastText { get; init; }

    /// <summary>API name of the module of its record in Zoho CRM: of the lead, or of the contact that it became.</summary>
    public string? CrmModule { get; init; }

    /// <summary>Id of that record.</summary>
    public string? CrmRecordId { get; init; }

    /// <summary>Why there is no lead, machine-read; absent where nothing is wrong.</summary>
    public string? Code { get; init; }

    /// <summary>The same in a sentence, with what to do.</summary>
    public string? Message { get; init; }

    // a record prints its members: who wrote, and what, is nobody's log's
    public override string ToString() => $"{nameof(Conversation)} {Id}";
}

/// <summary>A page of conversations.</summary>
/// <param name="Conversations">The one with the last message first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record ConversationPage(IReadOnlyList<Conversation> Conversations, string? NextPageToken)
{
    public IReadOnlyList<Conversation> Conversations { get; init; } = Conversations ?? [];
}

/// <summary>Where a conversation opens in Zoho CRM.</summary>
/// <param name="ConversationId">Of the conversation.</param>
/// <param name="Url">Opens its record, in the data centre of the organization.</param>
/// <param name="OpenUrl">
/// An address of the platform that leads to <paramref name="Url"/> and can do nothing else: what to put behind a button.
/// </param>
/// <param name="CrmModule">API name of the record's module.</param>
/// <param name="CrmRecordId">Of the record.</param>
public sealed record ConversationLink(string ConversationId, string Url, string OpenUrl, string CrmModule, string CrmRecordId)
{
    /// <summary>The organization's messages of that phone; absent without a phone or while the organization is not known.</summary>
    public string? MessagesUrl { get; init; }

    /// <summary>The lead's messages.</summary>
    public string? LeadMessagesUrl { get; init; }

    // a record prints its members: an address may hold a phone
    public override string ToString() => $"{nameof(ConversationLink)} {ConversationId}";
}
