using System.Globalization;
using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Addresses;

/// <summary>
/// Addresses as registering people and other programs write them: the dot-atom form of RFC 5322 with the lengths of RFC 5321. Quoted local
/// parts and address literals are lawful, but no mailing list takes them.
/// </summary>
internal static partial class EmailAddress
{
    /// <summary>RFC 5321 4.5.3.1.3: a path of 256 octets less its angle brackets.</summary>
    public const int MaxLength = 254;

    /// <summary>The at sign of full-width keyboards.</summary>
    public const char WideAt = '\uFF20';

    private const int MaxLocalPart = 64;

    // an address with the longest name that anybody has
    private const int MaxText = 1_000;

    private const string Link = "mailto:";

    // linear time whatever a caller sends
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    private const char NonJoiner = '\u200C';
    private const char Joiner = '\u200D';

    private static readonly string NoAddress =
        $"is not a mail address: send one such as name@example.com, of at most {MaxLength} characters.";

    private const string NoDomain =
        "has a domain of which nobody can say which one is meant (UTS 46): write it as it is registered, or in its xn-- form.";

    private static readonly IdnMapping Idn = new();

    /// <summary>
    /// Whether this process maps domains as UTS 46 says: .NET does with ICU, and without it (globalization-invariant mode) makes other domains
    /// of them.
    /// </summary>
    public static bool MapsDomains => Idn.GetAscii("\uFF41.example") is "a.example";

    /// <summary>
    /// The one address in a text: alone, in quotes, as <c>Name &lt;mail&gt;</c> or as a <c>mailto:</c> link, whatever characters that nobody
    /// sees are among it. Its domain is mapped as UTS 46 says and in ASCII form, in which every system takes it; the name of the mailbox is in NFC
    /// (RFC 6532 3.1). Null where there is none, or more than one.
    /// </summary>
    public static string? In(string text) => Read(text).Address;

    /// <summary>What is wrong with a text that has no address: the end of a sentence that begins with the name of its field.</summary>
    public static string FaultOf(string text) => Read(text).Fault;

    /// <summary>
    /// Two spellings of one mailbox become the same text. Plus-addressing is kept: <c>a+b@c.de</c> is another mailbox than <c>a@c.de</c>.
    /// </summary>
    // a small letter may be of another normal form than its capital was
    public static string Normalise(string address) =>
        In(address) is { } mailbox ? mailbox.ToLowerInvariant().Normalize() : address.Trim().ToLowerInvariant();

    private static (string? Address, string Fault) Read(string text)
    {
        if (text.Length > MaxText)
        {
            return (null, NoAddress);
        }

        var (name, address) = ("", Bare(Visible(text)));
        if (address.EndsWith('>') && address.LastIndexOf('<') is >= 0 and var open)
        {
            (name, address) = (address[..open].Trim().Trim('"', '\'').Trim(), Visible(address[(open + 1)..^1]));
        }

        if (address.StartsWith(Link, StringComparison.OrdinalIgnoreCase))
        {
            // what is percent-encoded may be such characters again
            address = Visible(Uri.UnescapeDataString(address[Link.Length..].Split('?')[0]));
        }

        // mail programs put the address where there is no name; with another one nobody knows which is meant
        return name.Contains('@', StringComparison.Ordinal) && !name.Equals(address, StringComparison.OrdinalIgnoreCase)
            ? (null, NoAddress)
            : WithAsciiDomain(address);
    }

    // as a cell of a list has it: a separator behind it, quotes around it
    private static string Bare(string text)
    {
        var one = text.Replace(WideAt, '@').TrimEnd(';', ',', ' ');
        return one.Length > 1 && Quotes.Contains(one[0]) && Quotes.Contains(one[^1]) ? Visible(one[1..^1]) : one;
    }

    private static string Visible(string text) => Invisible.Replace(text, "").Trim().Trim(NonJoiner, Joiner).Trim();

    private static (string? Address, string Fault) WithAsciiDomain(string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || WithoutStrayJoiners(address[..at]) is not { Length: <= MaxLocalPart } mailbox || !LocalPart.IsMatch(mailbox)
            || !Letters.IsMatch(address.AsSpan(at + 1)))
        {
            return (null, NoAddress);
        }

        mailbox = mailbox.Normalize();
        return AsciiOf(address[(at + 1)..]) is not { } domain ? (null, NoDomain)
            : mailbox.Length + 1 + domain.Length <= MaxLength
                && Domain.IsMatch(domain)
                && !domain[(domain.LastIndexOf('.') + 1)..].All(char.IsAsciiDigit)
                    ? ($"{mailbox}@{domain}", "")
                    : (null, NoAddress);
    }

    private static string? AsciiOf(string domain)
    {
        try
        {
            return Idn.GetAscii(string.Join('.', domain.Split(FullStops).Select(WithoutStrayJoiners))).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // Persian and the scripts of India write joiners, and a domain with one is another than that without; among ASCII they mean nothing
    private static string WithoutStrayJoiners(string part) =>
        part.All(c => char.IsAscii(c) || c is NonJoiner or Joiner) ? new string([.. part.Where(char.IsAscii)]) : part;

    private const string Quotes = "\"'\u201C\u201D\u201E\u2018\u2019\u201A\u00AB\u00BB";

    // as UTS 46 takes them
    private static readonly char[] FullStops = ['.', '\u3002', '\uFF0E', '\uFF61'];

    // what has no width, but for joiners: format characters, fillers, variation selectors and tags
    [GeneratedRegex(@"[\p{Cf}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0-[\u200C\u200D]]|\uDB40[\uDC00-\uDFFF]", Options)]
    private static partial Regex Invisible { get; }

    // letters and digits of any script: internationalised addresses (RFC 6531) are for Zoho to judge
    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\z", Options)]
    private static partial Regex LocalPart { get; }

    // the mapping takes any symbol, and the full stops of other scripts
    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}.\u3002\uFF0E\uFF61\u200C\u200D-]+\z", Options)]
    private static partial Regex Letters { get; }

    [GeneratedRegex(@"\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\z", Options)]
    private static partial Regex Domain { get; }
}
