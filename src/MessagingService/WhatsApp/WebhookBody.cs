using System.Text.Json;
using ZohoPlatform.ServiceDefaults.Identity;
using DeliveryStatus = ZohoPlatform.Contracts.Messaging.V1.DeliveryStatus;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>What the body of a WhatsApp webhook tells.</summary>
/// <param name="Updates">In the order of the body; of one change the messages come before the statuses.</param>
/// <param name="Unreadable">
/// How many entries, changes, messages and statuses were left out, because what makes them one is missing or no text.
/// </param>
/// <param name="Ignored">
/// How many were understood and are not for this service: changes of other fields (templates, account, a phone's history and contacts),
/// statuses of other words ("deleted", "warning"), problems of the account.
/// </param>
internal sealed record WebhookBody(IReadOnlyList<WebhookUpdate> Updates, int Unreadable, int Ignored)
{
    private const int MostName = 256;
    private const int MostType = 64;
    private const int MostNote = 1_000;

    /// <summary>
    /// Reads a body whose signature was verified. Null where it is no JSON object of a WhatsApp business account (or nested deeper than 64:
    /// Meta's go to about twelve). Never throws: one message that cannot be read takes no other with it. In linear time; Meta sends up to
    /// 1,000 updates and 3 MB.
    /// </summary>
    public static WebhookBody? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Text("object") == "whatsapp_business_account" ? new Reader().Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Reader
    {
        private readonly List<WebhookUpdate> _updates = [];
        private int _unreadable;
        private int _ignored;

        public WebhookBody Read(JsonElement root)
        {
            foreach (var change in root.Array("entry").SelectMany(Changes))
            {
                if (change.Text("field") == "smb_message_echoes" && change.Object("value") is { } echoes && echoes.Has("message_echoes"))
                {
                    foreach (var message in echoes.Array("message_echoes"))
                    {
                        Add(echoes.Object("metadata")?.Id("phone_number_id") is { } number ? Echo(message, number) : null);
                    }
                }
                else if (change.Text("field") is { } field && field != "messages")
                {
                    _ignored++;
                }
                else if (change.Object("value") is { } value && value.Object("metadata")?.Id("phone_number_id") is { } phoneNumberId)
                {
                    Read(value, phoneNumberId);
                }
                else
                {
                    _unreadable++;
                }
            }

            return new WebhookBody(_updates, _unreadable, _ignored);
        }

        private IEnumerable<JsonElement> Changes(JsonElement entry)
        {
            if (!entry.Has("changes"))
            {
                _unreadable++;
            }

            return entry.Array("changes");
        }

        private void Read(JsonElement value, string phoneNumberId)
        {
            var senders = new Senders(value.Array("contacts"));
            foreach (var message in value.Array("messages"))
            {
                Add(ChangeOf(message, phoneNumberId) ?? (WebhookUpdate?)Message(message, phoneNumberId, senders));
            }

            foreach (var status in value.Array("statuses"))
            {
                if (status.Text("status") is { } word && StatusOf(word) is null)
                {
                    _ignored++;
                }
                else
                {
                    Add(Status(status, phoneNumberId));
                }
            }

            if (!value.Has("messages") && !value.Has("statuses"))
            {
                _ignored++;
            }
        }

        private void Add(WebhookUpdate? update)
        {
            if (update is null)
            {
                _unreadable++;
            }
            else
            {
                _updates.Add(update);
            }
        }
    }

    private static InboundMessage? Message(JsonElement message, string phoneNumberId, Senders senders)
    {
        var sender = senders.Of(message);
        return Message(
            message, phoneNumberId, sender, message.Id("from") ?? sender?.Id("wa_id"), message.Id("from_user_id") ?? sender?.Id("user_id"), isEcho: false);
    }

    // whom it is to is told as it is written when one sends: with a plus or without
    private static InboundMessage? Echo(JsonElement message, string phoneNumberId) =>
        Message(message, phoneNumberId, null, message.Id("to")?.TrimStart('+'), null, isEcho: true);

    private static InboundMessage? Message(
        JsonElement message, string phoneNumberId, JsonElement? sender, string? waId, string? userId, bool isEcho)
    {
        if (message.Id("id") is not { } id || (waId ?? userId) is null)
        {
            return null;
        }

        var type = ShownText.Cut(message.Text("type") ?? "unknown", MostType);
        var profile = sender?.Object("profile");
        return new InboundMessage(
            phoneNumberId,
            id,
            waId,
            userId,
            isEcho ? null : message.Id("from_parent_user_id") ?? sender?.Id("parent_user_id"),
            Note(profile?.Text("name"), MostName),
            Note(profile?.Text("username"), MostName),
            message.Moment("timestamp"),
            type,
            MessageText.Of(message, type),
            isEcho ? null : CorrectionOf(message, type),
            message.Object("context")?.Id("id") ?? message.Object("reaction")?.Id("message_id"),
            message.Id("group_id"),
            isEcho ? null : SharedPhone(message),
            message.Object("referral") is { } referral ? Advertisement(referral) : null,
            isEcho,
            message.Raw());
    }

    private static Correction? CorrectionOf(JsonElement message, string type) => message.Object(type)?.Id("original_message_id") is not { } original ? null
        : type == "revoke" ? new Correction(original, null)
        : type == "edit" && MessageText.Edited(message) is { } text ? new Correction(original, text)
        : null;

    private static string? SharedPhone(JsonElement message) => message.Array("contacts")
        .Where(contact => contact.Text("origin") == "contact_request")
        .SelectMany(contact => contact.Array("phones"))
        .Select(phone => phone.Id("phone") ?? phone.Id("wa_id"))
        .FirstOrDefault(phone => phone is not null);

    private static string? Advertisement(JsonElement referral)
    {
        var told = string.Join(' ', new[] { referral.Text("headline"), referral.Text("source_url") }.Where(part => part is not null));
        return Note(told.Length > 0 ? told : referral.Text("source_id"), MostNote);
    }

    private static IdentityChange? ChangeOf(JsonElement message, string phoneNumberId)
    {
        IdentityChangeKind? kind = message.Object("system")?.Text("type") switch
        {
            "user_changed_number" or "customer_changed_number" => IdentityChangeKind.Number,
            "user_changed_user_id" => IdentityChangeKind.UserId,
            "customer_identity_changed" => IdentityChangeKind.Device,
            _ => null,
        };
        if (kind is null || message.Text("type") != "system"
            || message.Object("system") is not { } system || message.Id("id") is not { } id)
        {
            return null;
        }

        return new IdentityChange(
            phoneNumberId,
            id,
            kind.Value,
            message.Moment("timestamp"),
            system.Id("wa_id") ?? system.Id("new_wa_id"),
            message.Id("from"),
            system.Id("user_id"),
            system.Id("previous_user_id"),
            system.Id("parent_user_id"),
            system.Id("previous_parent_user_id"));
    }

    private static StatusUpdate? Status(JsonElement status, string phoneNumberId)
    {
        if (status.Id("id") is not { } id || status.Text("status") is not { } word || StatusOf(word) is not { } known)
        {
            return null;
        }

        var error = status.Array("errors").Cast<JsonElement?>().FirstOrDefault();
        return new StatusUpdate(
            phoneNumberId,
            id,
            known,
            status.Moment("timestamp"),
            status.Id("recipient_id"),
            status.Id("recipient_user_id"),
            error?.Id("code"),
            Note(error?.Object("error_data")?.Text("details") ?? error?.Text("message") ?? error?.Text("title"), MostNote));
    }

    private static DeliveryStatus? StatusOf(string word) => word switch
    {
        "sent" => DeliveryStatus.Sent,
        "delivered" => DeliveryStatus.Delivered,
        "read" => DeliveryStatus.Read,
        "played" => DeliveryStatus.Played,
        "failed" => DeliveryStatus.Failed,
        _ => null,
    };

    private static string? Note(string? text, int most) => text is null ? null : ShownText.Cut(text, most);

    /// <summary>The contacts of a change, by the ids with which a message names its sender.</summary>
    private sealed class Senders
    {
        private readonly Dictionary<string, JsonElement> _byId = new(StringComparer.Ordinal);
        private readonly JsonElement? _only;

        public Senders(IEnumerable<JsonElement> contacts)
        {
            var all = contacts.ToList();
            _only = all is [var one] ? one : null;
            foreach (var contact in all)
            {
                foreach (var id in new[] { contact.Id("wa_id"), contact.Id("user_id") }.OfType<string>())
                {
                    _byId.TryAdd(id, contact);
                }
            }
        }

        public JsonElement? Of(JsonElement message)
        {
            foreach (var id in new[] { message.Id("from_user_id"), message.Id("from") }.OfType<string>())
            {
                if (_byId.TryGetValue(id, out var contact))
                {
                    return contact;
                }
            }

            // a message that names nobody is from the only one there is; one that names somebody else is not
            return message.Id("from_user_id") is null && message.Id("from") is null ? _only : null;
        }
    }
}
