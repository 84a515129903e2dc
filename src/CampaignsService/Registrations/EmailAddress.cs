using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Addresses as registering people write them: the dot-atom form of RFC 5322 with the lengths of RFC 5321. Quoted local parts and address
/// literals are lawful, but no mailing list takes them.
/// </summary>
internal static partial class EmailAddress
{
    /// <summary>RFC 5321 4.5.3.1.3: a path of 256 octets less its angle brackets.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalPart = 64;

    // linear time whatever a caller sends
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    public static bool HasShape(string address) =>
        address.Length <= MaxLength
        && address.IndexOf('@', StringComparison.Ordinal) is > 0 and <= MaxLocalPart and var at
        && LocalPart.IsMatch(address.AsSpan(0, at))
        && Domain.IsMatch(address.AsSpan(at + 1))
        && !TopLevelDomain(address).All(char.IsAsciiDigit);

    /// <summary>Two spellings of one mailbox become the same text. Plus-addressing is kept: <c>a+b@c.de</c> is another mailbox than <c>a@c.de</c>.</summary>
    public static string Normalise(string address) => address.Trim().ToLowerInvariant();

    private static string TopLevelDomain(string address) => address[(address.LastIndexOf('.') + 1)..];

    // letters and digits of any script: internationalised addresses (RFC 6531) are for Zoho to judge
    [GeneratedRegex(@"\A[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\z", Options)]
    private static partial Regex LocalPart { get; }

    [GeneratedRegex(@"\A([\p{L}\p{M}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]\z", Options)]
    private static partial Regex Domain { get; }
}
