using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Addresses;

/// <summary>
/// The address in a text that is none itself: one with a note behind it, or with another one. What is kept of such a text names one mailbox
/// at most, so that it is found when that person is forgotten.
/// </summary>
internal static partial class MentionedAddress
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>
    /// The text up to where it names a second mailbox, and the first one as <see cref="EmailAddress.Normalise"/> has it; null for none.
    /// </summary>
    public static (string Text, string? Mailbox) FirstIn(string text)
    {
        text = text.Replace(EmailAddress.WideAt, '@');
        string? first = null;
        foreach (var word in Words.EnumerateMatches(text))
        {
            if (EmailAddress.In(text.Substring(word.Index, word.Length).Trim('.')) is not { } address)
            {
                continue;
            }

            var mailbox = EmailAddress.Normalise(address);
            if (first is not null && mailbox != first)
            {
                return ($"{text[..word.Index].TrimEnd()} \u2026", first);
            }

            first = mailbox;
        }

        // one that was written with spaces in it
        return (text, first ?? (EmailAddress.In(Spaces.Replace(text, "")) is { } spaced ? EmailAddress.Normalise(spaced) : null));
    }

    [GeneratedRegex(@"[^\s,;:<>()\[\]""'|\\/]+@[^\s,;:<>()\[\]""'|\\/]+", Options)]
    private static partial Regex Words { get; }

    [GeneratedRegex(@"\s+", Options)]
    private static partial Regex Spaces { get; }
}
