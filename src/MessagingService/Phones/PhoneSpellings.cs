using PhoneNumbers;
using Parsed = PhoneNumbers.PhoneNumber;

namespace ZohoPlatform.MessagingService.Phones;

/// <summary>How a CRM may hold a number: what to ask it for. What it finds is held against <see cref="PhoneNumber.Key"/>.</summary>
internal static class PhoneSpellings
{
    /// <summary>Two fields with them stay far below the 50 values of a COQL IN.</summary>
    public const int Most = 24;

    // Zoho's phone field
    private const int MostCharacters = 30;

    // by common practice; more would miss a number that is held in another form
    private const int TailDigits = 8;

    // what came to old numbers stands before them, in every plan of which the library has no groups for the old ones
    private const int OldDigits = 8;

    private static readonly PhoneNumberUtil Library = PhoneNumberUtil.GetInstance();

    /// <summary>
    /// The texts under which a CRM may hold this number exactly, most likely first: distinct, at most 24, each at most 30 characters and
    /// made of digits, spaces and <c>+ - ( ) . /</c>, so that they need no escaping in COQL. Each of them is this person's number to
    /// <see cref="PhoneNumber.Parse"/> in the number's own region.
    /// </summary>
    public static IReadOnlyList<string> Of(PhoneNumber number)
    {
        var parsed = Library.Parse(number.E164, null);
        var region = Library.GetRegionCodeForNumber(parsed) ?? Library.GetRegionCodeForCountryCode(parsed.CountryCode);
        var dialled = Written(parsed, region);

        return [.. dialled
            .Concat(OtherForms(parsed, region, dialled))
            .Where(spelling => spelling.Length <= MostCharacters && spelling.All(IsHarmless))
            // a national spelling may say something else when it stands alone, as where an area code is the country code
            .Where(spelling => PhoneNumber.OfRecord(spelling, region)?.Key == number.Key)
            .Distinct(StringComparer.Ordinal)
            .Take(Most)];
    }

    /// <summary>
    /// What to send to Zoho's <c>phone=</c> search, which looks for digits anywhere in a field: the last digits that all spellings of the
    /// person's numbers share, at most eight. It finds other people too.
    /// </summary>
    public static string SearchTail(PhoneNumber number)
    {
        // one that WhatsApp has and no plan knows has no spelling but its own
        var digits = Of(number).Select(Digits).DefaultIfEmpty(number.E164[1..]).ToList();
        var shortest = digits.Min(text => text.Length);
        var shared = 0;
        while (shared < Math.Min(shortest, TailDigits) && digits.All(text => text[^(shared + 1)] == digits[0][^(shared + 1)]))
        {
            shared++;
        }

        return digits[0][^shared..];
    }

    private static List<string> Written(Parsed number, string region)
    {
        var code = number.CountryCode;
        var significant = Library.GetNationalSignificantNumber(number);
        var international = Library.Format(number, PhoneNumberFormat.INTERNATIONAL);
        var national = Library.Format(number, PhoneNumberFormat.NATIONAL);
        var nationalDigits = Digits(national);

        List<string> written =
        [
            $"+{code}{significant}", international, $"{code}{significant}", national, nationalDigits, significant, Grouped(number),
            $"00{code}{significant}", international.Replace(' ', '-'), $"+{code} {significant}",
        ];
        // where groups are written with hyphens, people write spaces and dots as well
        written.AddRange([international.Replace('-', ' '), Grouped(number).Replace('-', ' '), Grouped(number).Replace('-', '.')]);
        if (national.IndexOf('(', StringComparison.Ordinal) is >= 0 and var bracket)
        {
            written.Add($"+{code} {national[bracket..]}");
        }

        if (nationalDigits == significant && Library.GetNddPrefixForRegion(region, true) is { } trunk)
        {
            written.Add(trunk + significant);
        }

        return written;
    }

    private static IEnumerable<string> OtherForms(Parsed number, string region, List<string> dialled)
    {
        var code = number.CountryCode;
        var significant = Library.GetNationalSignificantNumber(number);
        return NumberingPlans.Others(code, significant).SelectMany(other => code switch
        {
            NumberingPlans.Argentina => Written(Library.Parse($"+{code}{other}", null), region),
            NumberingPlans.Mexico =>
            [
                $"+{code}{other}", $"{code}{other}", $"+{code} 1 {Grouped(number)}", $"00{code}{other}",
                $"044{significant}", $"045{significant}", $"01{significant}",
            ],
            NumberingPlans.Vietnam =>
            [
                $"+{code}{other}", $"{code}{other}", $"0{other}", $"0{other[..3]} {other[3..6]} {other[6..]}", $"0{other[..3]}.{other[3..6]}.{other[6..]}",
                $"+{code} {other[..3]} {other[3..6]} {other[6..]}",
            ],
            // the library has no groups for what is no number any more: the digits that came are taken out of today's
            _ => dialled.Select(spelling => Without(spelling, significant.Length - other.Length)),
        });
    }

    private static string Grouped(Parsed number)
    {
        var international = Library.Format(number, PhoneNumberFormat.INTERNATIONAL);
        return international[(international.IndexOf(' ', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Takes <paramref name="count"/> digits out before the old number.</summary>
    private static string Without(string spelling, int count)
    {
        var left = spelling;
        var seen = 0;
        for (var at = spelling.Length - 1; at >= 0 && seen < OldDigits + count; at--)
        {
            if (char.IsAsciiDigit(spelling[at]) && ++seen > OldDigits)
            {
                left = left.Remove(at, 1);
            }
        }

        return left.Replace("  ", " ", StringComparison.Ordinal).Replace("--", "-", StringComparison.Ordinal).Trim();
    }

    private static bool IsHarmless(char c) => char.IsAsciiDigit(c) || c is ' ' or '+' or '-' or '(' or ')' or '.' or '/';

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));
}
