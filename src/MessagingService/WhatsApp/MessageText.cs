using System.Text.Json;
using System.Text.RegularExpressions;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>What a person reads of a message in a CRM.</summary>
internal static partial class MessageText
{
    private const int MostContacts = 20;
    private const int MostAnswers = 50;

    /// <summary>Never empty, at most <see cref="MessageDraft.LongestText"/>.</summary>
    public static string Of(JsonElement message, string type)
    {
        var words = type switch
        {
            "text" => message.Object("text")?.Text("body"),
            "button" => message.Object("button") is { } button ? button.Text("text") ?? button.Text("payload") : null,
            "interactive" => message.Object("interactive") is { } interactive ? Chosen(interactive) : null,
            "edit" => Edited(message) is { } text ? $"[edited] {text}" : null,
            "revoke" => "[deleted a message]",
            "reaction" => message.Object("reaction") is { } reaction ? reaction.Text("emoji") ?? "[reaction taken back]" : null,
            _ => null,
        };

        return ShownText.Cut(words ?? Joined($"[{type}]", " ", Described(message, type)), MessageDraft.LongestText);
    }

    /// <summary>What an edited message says now; null where that is not told.</summary>
    public static string? Edited(JsonElement edit) => edit.Object("edit")?.Object("message") is { } now && now.Text("type") is { } type and not "edit"
        ? Of(now, ShownText.Cut(type, MessageDraft.LongestType))
        : null;

    private static string? Chosen(JsonElement interactive) =>
        interactive.Object("button_reply")?.Text("title")
        ?? interactive.Object("list_reply")?.Text("title")
        ?? (interactive.Object("nfm_reply") is { } form ? FilledIn(form) ?? form.Text("body") ?? form.Text("name") : null);

    // what a person has filled into a flow; its body says "Sent" whatever it is
    private static string? FilledIn(JsonElement form)
    {
        try
        {
            using var filled = JsonDocument.Parse(form.Text("response_json") ?? "null");
            var answers = filled.RootElement.Fields()
                .Where(field => field is { Name: not "flow_token", Value.Length: > 0 })
                .Take(MostAnswers)
                .Select(field => $"{LabelOf(field.Name)}: {field.Value}")
                .ToList();
            return answers.Count == 0 ? null : $"[form] {string.Join(", ", answers)}";
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // screen_0_Comments_1, as WhatsApp's own builder of flows names its fields
    private static string LabelOf(string name) => BuiltName().Match(name) is { Success: true } built ? built.Groups["label"].Value.Replace('_', ' ') : name;

    private static string? Described(JsonElement message, string type) => type switch
    {
        "image" or "video" or "audio" or "sticker" => message.Object(type)?.Text("caption"),
        "document" => message.Object(type) is { } document ? Joined(document.Text("filename"), " ", document.Text("caption")) : null,
        "location" => message.Object(type) is { } place
            ? Joined(place.Text("name"), ", ", place.Text("address"), Joined(place.Text("latitude"), ",", place.Text("longitude")))
            : null,
        "contacts" => Joined(null, ", ", [.. message.Array(type).Take(MostContacts).Select(NameOf)]),
        "order" => message.Object(type) is { } order
            ? Joined(Positions(order.Array("product_items").Count()), ", ", order.Text("text"))
            : null,
        "unsupported" => message.Object(type)?.Text("type"),
        "system" => message.Object(type)?.Text("body"),
        _ => null,
    };

    private static string? NameOf(JsonElement contact) => contact.Object("name")?.Text("formatted_name");

    private static string Positions(int count) => count == 1 ? "1 item" : $"{count} items";

    private static string Joined(string? first, string between, params ReadOnlySpan<string?> others)
    {
        List<string> parts = [];
        foreach (var part in (ReadOnlySpan<string?>)[first, .. others])
        {
            if (!string.IsNullOrWhiteSpace(part))
            {
                parts.Add(part);
            }
        }

        return string.Join(between, parts);
    }

    [GeneratedRegex(@"^screen_[0-9]+_(?<label>.+)_[0-9]+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex BuiltName();
}
