using System.Globalization;
using System.Text;

namespace ZohoPlatform.MessagingService.Phones;

/// <summary>Finds the first number in a text and writes it in ASCII: a plus or none, digits, spaces for what parts them, slashes.</summary>
internal static class TypedNumber
{
    private const int MostCharacters = 200;
    private const int MostOfCountry = 3;

    // what a person's number is behind in WhatsApp's own ids; of groups, lists, newsletters and hidden numbers it is something else
    private static readonly string[] WhatsAppPeople = ["@s.whatsapp.net", "@c.us"];

    /// <summary>
    /// Null where there is no digit, or where the digits are not all of a number: an address (4477@lid), a power of ten (4.4E+11), masked ones (7700 9***12)
    /// and letters among them. An extension behind a number is a note (x12, #12, ext. 5).
    /// </summary>
    public static string? In(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (OfWhatsAppId(text) is { } id)
        {
            return id;
        }

        var number = new StringBuilder();
        var digits = 0;
        var all = text.AsSpan(0, Math.Min(text.Length, MostCharacters));
        for (var at = 0; at < all.Length; at++)
        {
            var c = all[at];
            if (CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and var digit)
            {
                number.Append((char)('0' + digit));
                digits++;
            }
            else if (IsInvisible(c))
            {
                continue;
            }
            else if (IsPlus(c) && digits == 0)
            {
                number.Clear().Append('+');
            }
            else if (digits > 0 && Separator(c) is { } separator)
            {
                number.Append(separator);
            }
            // "+62 +62 812", with the country once more
            else if (IsPlus(c) && digits <= MostOfCountry && number[0] == '+')
            {
                number.Append(' ');
            }
            else if (digits > 0)
            {
                if (HidesDigits(all[at..], isAdjacent: Separator(all[at - 1]) is null))
                {
                    return null;
                }

                break;
            }
            else if (Separator(c) is null)
            {
                // a plus that is followed by words belongs to them
                number.Clear();
            }
        }

        return digits == 0 ? null : number.ToString();
    }

    // with the number of a person's device behind it, or none
    private static string? OfWhatsAppId(string text)
    {
        var trimmed = text.AsSpan().Trim();
        foreach (var people in WhatsAppPeople)
        {
            if (trimmed.EndsWith(people, StringComparison.OrdinalIgnoreCase))
            {
                var id = trimmed[..^people.Length];
                var digits = (id.IndexOf(':') is >= 0 and var device ? id[..device] : id).TrimStart('+');
                return digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? null : $"+{digits}";
            }
        }

        return null;
    }

    private static bool HidesDigits(ReadOnlySpan<char> behind, bool isAdjacent)
    {
        var word = behind;
        for (var at = 0; at < behind.Length; at++)
        {
            if (Separator(behind[at]) is not null)
            {
                word = behind[..at];
                break;
            }
        }

        var masks = 0;
        while (masks < word.Length && IsMask(word[masks]))
        {
            masks++;
        }

        var next = masks;
        while (next < behind.Length && (Separator(behind[next]) is not null || IsMask(behind[next])))
        {
            next++;
        }

        if (masks > 0 && (masks == word.Length || !char.IsLetter(word[masks])))
        {
            var goesOn = next < behind.Length && char.IsDigit(behind[next]);
            return masks > 1 || (IsOfExtension(word[0]) ? isAdjacent && word[0] != '#' && !goesOn : goesOn);
        }

        return isAdjacent
            && (word.Contains('@')
                || (char.IsLetter(word[0]) && !word.StartsWith("ext", StringComparison.OrdinalIgnoreCase) && word.ContainsAnyInRange('0', '9')));
    }

    private static bool IsMask(char c) => c is '*' or '\u2022' or '\u25CF' or '\u2217' or '\u2731' or '\u00D7' or '?' || IsOfExtension(c);

    private static bool IsOfExtension(char c) => c is 'x' or 'X' or '#';

    private static bool IsPlus(char c) => c is '+' or '\uFF0B' or '\uFE62';

    private static char? Separator(char c) => c switch
    {
        '/' or '\uFF0F' => '/',
        '(' or ')' or '[' or ']' or '\uFF08' or '\uFF09' or '.' or '\uFF0E' or '\u00B7' or '~' or '\u2212' or '_' => ' ',
        _ when char.IsWhiteSpace(c) => ' ',
        _ when CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation => ' ',
        _ => null,
    };

    // directions, joiners, soft hyphens, and what makes a digit an emoji
    private static bool IsInvisible(char c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
