using System.Globalization;
using System.Text;

namespace ZohoPlatform.MessagingService.Phones;

/// <summary>Finds the first number in a text and writes it in ASCII: a plus or none, digits, spaces for what parts them, slashes.</summary>
internal static class TypedNumber
{
    private const int MostCharacters = 200;

    /// <summary>Null where there is no digit.</summary>
    public static string? In(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var number = new StringBuilder();
        var digits = 0;
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostCharacters)))
        {
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
            else if (digits > 0)
            {
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

    private static bool IsPlus(char c) => c is '+' or '\uFF0B' or '\uFE62';

    private static char? Separator(char c) => c switch
    {
        '/' or '\uFF0F' => '/',
        '(' or ')' or '[' or ']' or '\uFF08' or '\uFF09' or '.' or '\uFF0E' or '\u00B7' or '\u2022' or '~' or '\u2212' or '_' => ' ',
        _ when char.IsWhiteSpace(c) => ' ',
        _ when CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation => ' ',
        _ => null,
    };

    // directions, joiners, soft hyphens, and what makes a digit an emoji
    private static bool IsInvisible(char c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
