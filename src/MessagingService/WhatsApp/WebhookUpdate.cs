using DeliveryStatus = ZohoPlatform.Contracts.Messaging.V1.DeliveryStatus;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>
/// One thing that a webhook body tells. Ids are kept as Meta wrote them, a wa_id too: it is what is answered to, and
/// <c>PhoneNumber.FromWaId</c> makes the person's number of it. What was withheld or is no text is null. Texts hold no NUL, which
/// PostgreSQL refuses.
/// </summary>
/// <param name="PhoneNumberId">The business number that it is about: the channel. Its display number is not reliable.</param>
internal abstract record WebhookUpdate(string PhoneNumberId);

/// <summary>A message from a person, or to one where <see cref="IsEcho"/>. <see cref="WaId"/> or <see cref="UserId"/> is there, mostly both.</summary>
/// <param name="PhoneNumberId">See <see cref="WebhookUpdate"/>.</param>
/// <param name="Id">WhatsApp's id ("wamid..."): the same when the message comes again.</param>
/// <param name="WaId">The person's WhatsApp id, digits; null where a person with a username shares no number.</param>
/// <param name="UserId">The business-scoped user id ("BR.1502576394655843").</param>
/// <param name="ParentUserId">The same across the portfolios of one company.</param>
/// <param name="ProfileName">As the person calls themselves.</param>
/// <param name="Username">Without "@", where the person has one.</param>
/// <param name="SentAt">Null where Meta's timestamp makes no sense: the caller takes the moment of arrival.</param>
/// <param name="Type">As Meta names it, also when it is not known here; "unknown" where there is none.</param>
/// <param name="Text">
/// What a person reads in a CRM, at most 4,000 characters and never empty: the words themselves, and for what is not words
/// "[type]" with what it says of itself. The numbers of a shared contact are left out: they are a third person's.
/// </param>
/// <param name="Correction">What it says of another message, where it is an edit or takes one back.</param>
/// <param name="ContextId">The message that this one answers or reacts to.</param>
/// <param name="GroupId">Set where it was written in a group: it is no word of the dialogue with this person.</param>
/// <param name="SharedPhone">The sender's own number, where they were asked for it and shared it. As written there.</param>
/// <param name="AdReferral">The advertisement that the person came from: its headline and address.</param>
/// <param name="IsEcho">
/// The business has written it to the person, in the WhatsApp Business app (Meta's reference of webhooks, smb_message_echoes).
/// </param>
/// <param name="Content">
/// The message as JSON text, as Meta wrote it, for keeping. Text and not jsonb: it may hold escapes that PostgreSQL refuses there.
/// </param>
internal sealed record InboundMessage(
    string PhoneNumberId,
    string Id,
    string? WaId,
    string? UserId,
    string? ParentUserId,
    string? ProfileName,
    string? Username,
    DateTimeOffset? SentAt,
    string Type,
    string Text,
    Correction? Correction,
    string? ContextId,
    string? GroupId,
    string? SharedPhone,
    string? AdReferral,
    bool IsEcho,
    string Content) : WebhookUpdate(PhoneNumberId);

/// <summary>
/// A person has edited a message of theirs, or deleted it for both (Meta's reference of webhooks, messages/edit and messages/revoke: "edit" with
/// original_message_id and message, "revoke" with original_message_id; numbers that the WhatsApp Business app uses as well are told of it).
/// </summary>
/// <param name="OriginalId">The id under which that message came.</param>
/// <param name="Text">What is to be read of it from now on; null where it was deleted.</param>
internal sealed record Correction(string OriginalId, string? Text);

/// <summary>What became of a message that was sent. It may come before the answer to the sending does, twice, and out of order.</summary>
/// <param name="PhoneNumberId">See <see cref="WebhookUpdate"/>.</param>
/// <param name="MessageId">The id that WhatsApp gave when it was sent.</param>
/// <param name="Status">What replaces what is the database's to say (<c>status_replaces</c>).</param>
/// <param name="At">Null where Meta's timestamp makes no sense: the caller takes the moment of arrival.</param>
/// <param name="RecipientWaId">Null where it was sent to a user id whose number is withheld.</param>
/// <param name="RecipientUserId">Null where it was sent to a number and failed.</param>
/// <param name="ErrorCode">Meta's code of a failure ("131026"): what decides.</param>
/// <param name="ErrorText">What Meta says of it, for people.</param>
internal sealed record StatusUpdate(
    string PhoneNumberId,
    string MessageId,
    DeliveryStatus Status,
    DateTimeOffset? At,
    string? RecipientWaId,
    string? RecipientUserId,
    string? ErrorCode,
    string? ErrorText) : WebhookUpdate(PhoneNumberId);

internal enum IdentityChangeKind
{
    /// <summary>Another telephone number, and with it another user id.</summary>
    Number,

    /// <summary>Another user id; no number is told.</summary>
    UserId,

    /// <summary>Another device or a new installation: the ids stay.</summary>
    Device,
}

/// <summary>A person goes on under other ids. What is known of them before is in the previous ones.</summary>
/// <param name="PhoneNumberId">See <see cref="WebhookUpdate"/>.</param>
/// <param name="Id">WhatsApp's id of the system message: the same when it comes again.</param>
/// <param name="Kind">What has changed.</param>
/// <param name="At">Null where Meta's timestamp makes no sense: the caller takes the moment of arrival.</param>
/// <param name="WaId">The new WhatsApp id.</param>
/// <param name="PreviousWaId">The old one.</param>
/// <param name="UserId">The new business-scoped user id.</param>
/// <param name="PreviousUserId">The old one.</param>
/// <param name="ParentUserId">The new parent user id.</param>
/// <param name="PreviousParentUserId">The old one.</param>
internal sealed record IdentityChange(
    string PhoneNumberId,
    string Id,
    IdentityChangeKind Kind,
    DateTimeOffset? At,
    string? WaId,
    string? PreviousWaId,
    string? UserId,
    string? PreviousUserId,
    string? ParentUserId,
    string? PreviousParentUserId) : WebhookUpdate(PhoneNumberId);
