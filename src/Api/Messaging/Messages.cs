using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Messaging;

/// <summary>Which way a message went.</summary>
[JsonConverter(typeof(ApiNameConverter<MessageDirection>))]
public enum MessageDirection
{
    Unknown,

    /// <summary>From the person.</summary>
    Inbound,

    /// <summary>To the person.</summary>
    Outbound,

    /// <summary>Sent to many, by a campaign.</summary>
    Campaign,
}

/// <summary>How far a message that was sent to a person came. It only moves forward; failed replaces what was not delivered yet.</summary>
[JsonConverter(typeof(ApiNameConverter<DeliveryStatus>))]
public enum DeliveryStatus
{
    Unknown,
    Queued,
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
}

/// <summary>How far a message is on its way to Zoho CRM.</summary>
[JsonConverter(typeof(ApiNameConverter<MessageSyncState>))]
public enum MessageSyncState
{
    Unknown,

    /// <summary>About to be synced; next_attempt_at says when, where a try failed.</summary>
    Stored,

    /// <summary>In Zoho CRM: as a record of the message module, or in a note where there is no such module.</summary>
    Synced,

    /// <summary>Not for Zoho CRM: code says why (no_phone, before_enabled, crm_disabled, discarded).</summary>
    Skipped,

    /// <summary>Zoho CRM refuses it: a dead letter, until somebody retries or discards it.</summary>
    Failed,
}

/// <summary>What became of a message that was submitted.</summary>
[JsonConverter(typeof(ApiNameConverter<MessageOutcome>))]
public enum MessageOutcome
{
    Unknown,
    Stored,

    /// <summary>Its external id was known: nothing was done, and the ids are those of the first.</summary>
    Duplicate,

    /// <summary>Not stored: code, field and message say why.</summary>
    Refused,
}

/// <summary>A message to record. The platform sends none to anybody.</summary>
/// <param name="ExternalId">
/// The sender's own id of the message, 1 to 200 characters, unique among all of the tenant's. A WhatsApp message keeps its wamid: its
/// statuses come under it.
/// </param>
/// <param name="Direction">inbound, outbound or campaign.</param>
public sealed record NewMessage(string ExternalId, MessageDirection Direction)
{
    /// <summary>Whose message it is, or to whom: a phone in any spelling. One of phone and user_id is needed.</summary>
    public string? Phone { get; init; }

    /// <summary>WhatsApp's business-scoped user id (BR.1502576394655843), of a person who may have no phone.</summary>
    public string? UserId { get; init; }

    /// <summary>As the person calls themselves; at most 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>text when absent; image, audio, template and so on. At most 50 characters.</summary>
    public string? Type { get; init; }

    /// <summary>What people read, at most 4,096 characters.</summary>
    public string? Text { get; init; }

    /// <summary>When it was sent (RFC 3339); now when absent. At most a day ahead.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Of one that went out; sent when absent.</summary>
    public DeliveryStatus? Status { get; init; }

    /// <summary>Which app it is from, at most 100 characters; the API key (key:...) when absent.</summary>
    public string? Source { get; init; }

    /// <summary>Of a campaign: its name, at most 200 characters.</summary>
    public string? Campaign { get; init; }

    /// <summary>A JSON object to keep with it, at most 64 KB; nothing of it goes to Zoho CRM.</summary>
    public JsonElement? Content { get; init; }

    // a record prints its members: what people wrote is nobody's log's
    public override string ToString() => $"{nameof(NewMessage)} {ExternalId}";
}

/// <summary>Several messages to record.</summary>
/// <param name="Messages">1 to 500. A body with a field or a word that the contract does not have, or a wrong type, is refused whole; else what is wrong with one is said in its place, and the others are stored.</param>
public sealed record NewMessages(IReadOnlyList<NewMessage> Messages);

/// <summary>What became of a message that was submitted.</summary>
/// <param name="ExternalId">As it was submitted.</param>
/// <param name="Outcome">stored, duplicate or refused.</param>
public sealed record StoredMessage(string ExternalId, MessageOutcome Outcome)
{
    /// <summary>Of the message; absent where it was refused.</summary>
    public string? Id { get; init; }

    /// <summary>Of the conversation that it is part of; absent where it was refused.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Why it was refused, machine-read; absent where it was not.</summary>
    public string? Code { get; init; }

    /// <summary>Which field is wrong.</summary>
    public string? Field { get; init; }

    /// <summary>The same in a sentence, with what to do.</summary>
    public string? Message { get; init; }
}

/// <summary>What became of several messages.</summary>
/// <param name="Messages">In the order in which they were submitted.</param>
public sealed record StoredMessages(IReadOnlyList<StoredMessage> Messages)
{
    public IReadOnlyList<StoredMessage> Messages { get; init; } = Messages ?? [];
}

/// <summary>A message of a conversation.</summary>
/// <param name="Id">Of the message.</param>
/// <param name="ExternalId">The sender's own id of it.</param>
/// <param name="ConversationId">What it is part of.</param>
/// <param name="Source">Which app it is from.</param>
/// <param name="Direction">inbound, outbound or campaign.</param>
/// <param name="Type">text, image, audio, template and so on.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="ReceivedAt">When the platform stored it.</param>
/// <param name="SyncState">stored, synced, skipped or failed.</param>
/// <param name="Attempts">How often it was tried to sync it.</param>
/// <param name="Position">Of its last change: events go on behind it.</param>
public sealed record ConversationMessage(
    string Id,
    string ExternalId,
    string ConversationId,
    string Source,
    MessageDirection Direction,
    string Type,
    DateTimeOffset SentAt,
    DateTimeOffset ReceivedAt,
    MessageSyncState SyncState,
    int Attempts,
    long Position)
{
    /// <summary>The channel through which it came; absent where it came through none.</summary>
    public string? ChannelId { get; init; }

    /// <summary>What people read; absent where it has no text.</summary>
    public string? Text { get; init; }

    /// <summary>The campaign's name, where it is of one.</summary>
    public string? Campaign { get; init; }

    /// <summary>How far it came; absent of one that came in.</summary>
    public DeliveryStatus? Status { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? StatusAt { get; init; }

    /// <summary>Why it did not reach the person, as its provider says; absent where it did.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The same in a sentence.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Why it is skipped or failed, or how the last try went of one that waits; machine-read.</summary>
    public string? Code { get; init; }

    /// <summary>The same in a sentence, with what to do.</summary>
    public string? Message { get; init; }

    /// <summary>When it is tried again; absent where it is not.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>API name of the module in which it is in Zoho CRM; Notes where there is no message module.</summary>
    public string? CrmModule { get; init; }

    /// <summary>Id of its record there.</summary>
    public string? CrmRecordId { get; init; }

    /// <summary>When it was synced.</summary>
    public DateTimeOffset? SyncedAt { get; init; }

    // a record prints its members: what people wrote is nobody's log's
    public override string ToString() => $"{nameof(ConversationMessage)} {Id}";
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">Newest first, unless another order was asked for.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record MessagePage(IReadOnlyList<ConversationMessage> Messages, string? NextPageToken)
{
    public IReadOnlyList<ConversationMessage> Messages { get; init; } = Messages ?? [];
}

/// <summary>Which messages are meant: those that failed, or were skipped for one cause.</summary>
public sealed record FailedMessages
{
    /// <summary>
    /// Only those that failed with this code; all that failed when absent. A retry with kept_in_note takes those that have no record of their own; with crm_disabled, before_enabled or no_phone those that were skipped for
    /// it and whose phone is known by now.
    /// </summary>
    public string? Code { get; init; }
}

/// <summary>What is synced again.</summary>
/// <param name="Retried">How many messages, at most 1,000.</param>
/// <param name="HasMore">More are left: ask again.</param>
public sealed record RetriedMessages(int Retried, bool HasMore);

/// <summary>What was given up.</summary>
/// <param name="Discarded">How many messages, at most 1,000.</param>
/// <param name="HasMore">More are left: ask again.</param>
public sealed record DiscardedMessages(int Discarded, bool HasMore);
