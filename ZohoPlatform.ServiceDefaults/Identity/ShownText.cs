namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>Names and reasons that somebody writes and others judge by: pages, consoles and logs show them beside what the platform says.</summary>
public static class ShownText
{
    /// <summary>What such a text may not hold, behind "must have" or "with": said wherever one is refused.</summary>
    public const string Rule = "no control characters and none that are invisible or turn the direction of text";

    /// <summary>
    /// Control characters, breaks of lines and paragraphs, and what turns the direction of text (Unicode's Bidi_Control), by which a name can be shown
    /// as another. Joiners stay: languages are written with them.
    /// </summary>
    public static bool IsHidden(char c) =>
        char.IsControl(c) || c is '\u061C' or '\u200B' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF';

    /// <summary>The same without what is hidden, for what is taken as it comes: a control character becomes a space.</summary>
    public static string WithoutHidden(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c).Where(c => !IsHidden(c)));

    /// <summary>The first so many characters (UTF-16 units, at least one), never with half of one that takes two at the end.</summary>
    public static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
