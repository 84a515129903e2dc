using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>
/// The <c>contactinfo</c> parameter: a JSON object of display names, or the unquoted form of Zoho's own samples,
/// <c>{First Name:mac,Contact Email:jai@zoho.com}</c>. Zoho Campaigns, "Contact subscribe".
/// </summary>
internal static partial class ContactInfo
{
    private static readonly HashSet<string> RoleNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "abuse", "admin", "administrator", "billing", "contact", "help", "hostmaster", "info", "marketing", "noc", "no-reply", "noreply",
        "office", "postmaster", "root", "sales", "security", "spam", "support", "webmaster",
    };

    /// <summary>Null when it is in neither form.</summary>
    public static Dictionary<string, string>? Parse(string text)
    {
        text = text.Trim();
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object ? FromJson(json.RootElement) : null;
        }
        catch (JsonException)
        {
            return text is ['{', .. var inner, '}'] && !inner.Contains('"') ? FromPairs(inner) : null;
        }
    }

    public static bool IsAddress(string? email) => email is { Length: <= 254 } && Address().IsMatch(email);

    /// <summary>An address of a function, not a person.</summary>
    public static bool IsRoleAddress(string email) => RoleNames.Contains(email[..email.IndexOf('@', StringComparison.Ordinal)]);

    private static Dictionary<string, string>? FromJson(JsonElement json)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object or JsonValueKind.Array:
                    return null;
                case JsonValueKind.Null:
                    break;
                default:
                    fields[property.Name.Trim()] = property.Value.ToString();
                    break;
            }
        }

        return fields;
    }

    private static Dictionary<string, string>? FromPairs(string inner)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        string? last = null;
        foreach (var piece in inner.Split(','))
        {
            var colon = piece.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                last = piece[..colon].Trim();
                fields[last] = piece[(colon + 1)..].Trim();
            }
            else if (last is not null)
            {
                fields[last] += "," + piece;    // a comma inside a value
            }
            else
            {
                return null;
            }
        }

        return fields;
    }

    [GeneratedRegex(
        @"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
