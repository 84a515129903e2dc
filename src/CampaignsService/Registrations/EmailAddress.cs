using System.Globalization;
using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Addresses as registering people and other programs write them: the dot-atom form of RFC 5322 with the lengths of RFC 5321. Quoted local
/// parts and address literals are lawful, but no mailing list takes them.
/// </summary>
internal static partial class EmailAddress
{
    /// <summary>RFC 5321 4.5.3.1.3: a path of 256 octets less its angle brackets.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalPart = 64;

    // an address with the longest name that anybody has
    private const int MaxText = 1_000;

    private const string Link = "mailto:";

    // linear time whatever a caller sends
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    private static readonly IdnMapping Idn = new();

    /// <summary>
    /// The one address in a text: alone, as <c>Name &lt;mail&gt;</c> or as a <c>mailto:</c> link, whatever characters that nobody sees are
    /// among it. Its domain is in ASCII form (IDNA), in which every system takes it. Null where there is none, or more than one.
    /// </summary>
    public static string? In(string text)
    {
        if (text.Length > MaxText)
        {
            return null;
        }

        var (name, address) = ("", Invisible.Replace(text, "").Trim());
        if (address.EndsWith('>') && address.LastIndexOf('<') is >= 0 and var open)
        {
            (name, address) = (address[..open].Trim().Trim('"', '\'').Trim(), address[(open + 1)..^1].Trim());
        }

        if (address.StartsWith(Link, StringComparison.OrdinalIgnoreCase))
        {
            address = Uri.UnescapeDataString(address[Link.Length..].Split('?')[0]).Trim();
        }

        // mail programs put the address where there is no name; with another one nobody knows which is meant
        return name.Contains('@', StringComparison.Ordinal) && !name.Equals(address, StringComparison.OrdinalIgnoreCase)
            ? null
            : WithAsciiDomain(address);
    }

    /// <summary>
    /// Two spellings of one mailbox become the same text. Plus-addressing is kept: <c>a+b@c.de</c> is another mailbox than <c>a@c.de</c>.
    /// </summary>
    public static string Normalise(string address) => (In(address) ?? address.Trim()).ToLowerInvariant();

    private static string? WithAsciiDomain(string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        if (at is <= 0 or > MaxLocalPart || !LocalPart.IsMatch(address.AsSpan(0, at)) || AsciiOf(address[(at + 1)..]) is not { } domain)
        {
            return null;
        }

        return at + 1 + domain.Length <= MaxLength
            && Domain.IsMatch(domain)
            && !domain[(domain.LastIndexOf('.') + 1)..].All(char.IsAsciiDigit)
            ? $"{address[..at]}@{domain}"
            : null;
    }

    private static string? AsciiOf(string domain)
    {
        if (!Letters.IsMatch(domain))
        {
            return null;
        }

        try
        {
            return Idn.GetAscii(domain.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // what has no width: format characters, fillers, variation selectors and tags
    [GeneratedRegex(@"[\p{Cf}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]|\uDB40[\uDC00-\uDFFF]", Options)]
    private static partial Regex Invisible { get; }

    // letters and digits of any script: internationalised addresses (RFC 6531) are for Zoho to judge
    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\z", Options)]
    private static partial Regex LocalPart { get; }

    // the mapping takes any symbol, and the full stops of other scripts
    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}.\u3002\uFF0E\uFF61-]+\z", Options)]
    private static partial Regex Letters { get; }

    [GeneratedRegex(@"\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\z", Options)]
    private static partial Regex Domain { get; }
}
