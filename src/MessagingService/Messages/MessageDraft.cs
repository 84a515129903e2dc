using System.Globalization;
using System.Text;
using System.Text.Json;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>A message that can be stored: what an app or a channel told, in bounds and in texts that PostgreSQL takes.</summary>
internal sealed record MessageDraft
{
    public const int LongestExternalId = 200;
    public const int LongestUserId = 150;
    public const int LongestName = 200;
    public const int LongestType = 50;
    public const int LongestText = 4096;
    public const int LongestSource = 100;
    public const int LongestContent = 64 * 1024;

    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required string ExternalId { get; init; }

    public Guid? ChannelId { get; init; }

    public required string Source { get; init; }

    public required Wire.MessageDirection Direction { get; init; }

    public string Type { get; init; } = "text";

    public string Text { get; init; } = "";

    public string? Campaign { get; init; }

    public string? Content { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    public Wire.DeliveryStatus Status { get; init; }

    public PhoneNumber? Phone { get; init; }

    public string? UserId { get; init; }

    public string? Name { get; init; }

    /// <summary>What an app sent, or which field is wrong, in the spelling of the REST API.</summary>
    /// <param name="sent">As it came.</param>
    /// <param name="region">Of phones without a country; null where the tenant has set none.</param>
    /// <param name="source">Who sent it, where the message does not say which app it is from.</param>
    /// <param name="now">The moment.</param>
    public static Result<MessageDraft> From(Wire.NewMessage sent, string? region, string source, DateTimeOffset now)
    {
        if (TextFault(sent) is { } fault)
        {
            return fault;
        }

        if (sent.Direction is not (Wire.MessageDirection.Inbound or Wire.MessageDirection.Outbound or Wire.MessageDirection.Campaign))
        {
            return Failure.InvalidField("direction", "direction must be inbound, outbound or campaign.");
        }

        var phone = PhoneNumber.Parse(sent.Phone, region);
        if (sent.Phone.Length > 0 && phone is null)
        {
            return Failure.InvalidField(
                "phone",
                region is null
                    ? "phone is no phone number with its country: write it as +49 30 1234567, or set default_region in the Zoho settings for phones without one."
                    : $"phone is no phone number, not of {region} either: write it with its country, as +49 30 1234567.");
        }

        if (phone is null && sent.UserId.Length == 0)
        {
            return Failure.InvalidField("phone", "phone is missing, and user_id, too: say whose message it is.");
        }

        // one that no calendar has is as wrong as one that is too early
        var sentAt = sent.SentAt is null ? now : sent.SentAt.IsMoment ? sent.SentAt.ToDateTimeOffset() : DateTimeOffset.MinValue;
        if (sentAt > now + MostAhead || sentAt < Earliest)
        {
            return Failure.InvalidField("sent_at", "sent_at must be between the year 2000 and a day from now: in RFC 3339, with its zone.");
        }

        var isInbound = sent.Direction is Wire.MessageDirection.Inbound;
        if (isInbound && sent.Status is not Wire.DeliveryStatus.Unspecified)
        {
            return Failure.InvalidField("status", "status is of messages that went out: leave it out of an inbound one.");
        }

        if (!System.Enum.IsDefined(sent.Status))
        {
            return Failure.InvalidField("status", "status must be one of queued, sent, delivered, read, played, failed.");
        }

        return new MessageDraft
        {
            ExternalId = sent.ExternalId,
            Source = sent.Source.Length > 0 ? sent.Source : source,
            Direction = sent.Direction,
            Type = sent.Type.Length > 0 ? sent.Type : "text",
            Text = sent.Text,
            Campaign = OrNull(sent.Campaign),
            Content = OrNull(sent.Content),
            SentAt = sentAt,
            Status = isInbound ? Wire.DeliveryStatus.Unspecified
                : sent.Status is Wire.DeliveryStatus.Unspecified ? Wire.DeliveryStatus.Sent
                : sent.Status,
            Phone = phone,
            UserId = OrNull(sent.UserId),
            Name = NameOf(sent.Name),
        };
    }

    /// <summary>What a provider wrote, as PostgreSQL takes it: without NUL and halves of characters, at most so long.</summary>
    public static string Clean(string text, int longest) => Encoding.UTF8.GetString(
        Encoding.UTF8.GetBytes(ShownText.Cut(text, longest).Replace("\0", "", StringComparison.Ordinal)));

    /// <summary>A name as it is shown: it begins with something to see, and nothing in it turns the text. Null where nothing is to be seen.</summary>
    public static string? NameOf(string? told)
    {
        if (told is null)
        {
            return null;
        }

        var name = new StringBuilder();
        var end = 0;
        foreach (var rune in ShownText.WithoutHidden(told).EnumerateRunes())
        {
            var isMark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
            var isSeen = !isMark && !IsBlank(rune);
            if (isSeen || end > 0)
            {
                name.Append(rune.ToString());
            }

            // marks belong to what is before them: half of an emoji is one
            if (isSeen || (isMark && end > 0))
            {
                end = name.Length;
            }
        }

        return end == 0 ? null : Clean(name.ToString(0, end), LongestName);
    }

    // beside spaces and format characters Hangul's fillers and Braille's empty cell
    private static bool IsBlank(Rune rune) => rune.Value is 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;

    private static Failure? TextFault(Wire.NewMessage sent)
    {
        foreach (var (field, text, longest) in ((string, string, int)[])
        [
            ("external_id", sent.ExternalId, LongestExternalId), ("phone", sent.Phone, 100), ("user_id", sent.UserId, LongestUserId),
            ("name", sent.Name, LongestName), ("type", sent.Type, LongestType), ("source", sent.Source, LongestSource),
            ("campaign", sent.Campaign, LongestName),
        ])
        {
            if (text.Length > longest)
            {
                return Failure.InvalidField(field, $"{field} is too long: at most {longest} characters.");
            }

            if (text.Any(char.IsControl))
            {
                return Failure.InvalidField(field, $"{field} holds a control character: send plain text.");
            }
        }

        if (string.IsNullOrWhiteSpace(sent.ExternalId))
        {
            return Failure.InvalidField("external_id", "external_id is missing: send the message's own id in your system, under which a second one is known.");
        }

        if (sent.Text.Length > LongestText || sent.Text.Contains('\0', StringComparison.Ordinal))
        {
            return Failure.InvalidField("text", $"text must be at most {LongestText} characters without NUL: shorten it, or put the whole into content.");
        }

        return sent.Content.Length == 0 || IsObject(sent.Content)
            ? null
            : Failure.InvalidField("content", "content must be a JSON object of at most 64 KB.");
    }

    private static bool IsObject(string content)
    {
        if (Encoding.UTF8.GetByteCount(content) > LongestContent)
        {
            return false;
        }

        try
        {
            using var parsed = JsonDocument.Parse(content);
            return parsed.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}

/// <summary>How far a message came on its way to a person, as its channel tells.</summary>
/// <param name="ExternalId">Of the message.</param>
/// <param name="Status">What it is now.</param>
/// <param name="At">Since when.</param>
/// <param name="ErrorCode">Of a failure, as the provider names it.</param>
/// <param name="ErrorMessage">The same in its words.</param>
internal sealed record ToldStatus(string ExternalId, Wire.DeliveryStatus Status, DateTimeOffset At, string? ErrorCode, string? ErrorMessage);

/// <summary>A person has changed or deleted a message of theirs.</summary>
/// <param name="OriginalId">That message's external id.</param>
/// <param name="Text">What it says now; null where it was deleted.</param>
/// <param name="Told">The message that tells it, for where the other is not known.</param>
internal sealed record ChangedMessage(string OriginalId, string? Text, MessageDraft Told);

/// <summary>A person whom WhatsApp knows under another id or phone from now on.</summary>
internal sealed record ChangedIdentity(string? OldUserId, PhoneNumber? OldPhone, string? NewUserId, PhoneNumber? NewPhone);
