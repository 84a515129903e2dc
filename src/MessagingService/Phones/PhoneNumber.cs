using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using PhoneNumbers;
using Parsed = PhoneNumbers.PhoneNumber;

namespace ZohoPlatform.MessagingService.Phones;

/// <summary>
/// A telephone number by which a person is known: <see cref="E164"/> is what is shown, dialled and written into Zoho, <see cref="Key"/> is
/// the same for every spelling of it. Made by <see cref="Parse"/> and <see cref="FromWaId"/> alone.
/// </summary>
internal sealed record PhoneNumber
{
    // a number that the library does not know yet is taken from here on: a shorter one is a short code, a year or a house number
    private const int LeastUnknown = 7;

    // without its plus a foreign number is believed from here on: shorter ones are mostly national ones with a slip
    private const int LeastWithoutPlus = 11;

    // ITU-T E.164; the shortest that is in use is +290 and four digits
    private const int MostDigits = 15;
    private const int LeastDigits = 7;

    private static readonly PhoneNumberUtil Library = PhoneNumberUtil.GetInstance();

    private PhoneNumber(int countryCode, string dialled)
    {
        E164 = $"+{countryCode}{dialled}";
        Key = $"+{countryCode}{NumberingPlans.OfPerson(countryCode, dialled)}";
    }

    /// <summary>As it is dialled from abroad today, without spaces: "+5511987654321", also where it came as an old form.</summary>
    public string E164 { get; }

    /// <summary>
    /// The person's one form: two numbers are one person's exactly where their keys are equal. It may be no number that can be dialled, so
    /// it never leaves the service's database.
    /// </summary>
    public string Key { get; }

    /// <summary>Is this an ISO 3166-1 alpha-2 code, in capitals, whose numbering plan is known?</summary>
    public static bool IsRegion(string region) => Library.GetSupportedRegions().Contains(region);

    /// <summary>
    /// Reads a number as people type it: with spaces, brackets, dots, dashes, slashes, digits of any script, "00" or "tel:" before it,
    /// words or an extension behind it, and the invisible marks that are copied out of contact lists. Of several numbers the first counts.
    /// Null where there is none. A letter is never a digit ("1-800-FLOWERS" is none): behind a number it is a note.
    /// </summary>
    /// <remarks>
    /// A number of a length that its plan has for whole numbers is taken though its range is not known: ranges are opened before the
    /// library learns of them (its FAQ: "with some latency"), and a person must not be lost. Not below seven national digits, and not one
    /// that is only dialled within a town.
    /// </remarks>
    /// <param name="text">Anything; only its first 200 characters count.</param>
    /// <param name="defaultRegion">
    /// Where a number without country code is from, see <see cref="IsRegion"/>. Without it such a number is none, also when it would be an
    /// international one with a plus: nobody can tell.
    /// </param>
    public static PhoneNumber? Parse(string? text, string? defaultRegion)
    {
        if (TypedNumber.In(text) is not { } typed)
        {
            return null;
        }

        return Read(typed, defaultRegion)
            // "030/123456" is one number, "030 123456 / 0170 1234567" are two
            ?? (typed.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? Read(typed[..slash], defaultRegion) : null);
    }

    /// <summary>
    /// WhatsApp's id of a person: E.164 digits without plus. WhatsApp has called the number, so it is taken as it is wherever its country
    /// code is known. Null for anything else, as a group's id, or digits that are no number unless some are left out.
    /// </summary>
    public static PhoneNumber? FromWaId(string digits)
    {
        var canBeOne = digits.Length is >= LeastDigits and <= MostDigits && digits.All(char.IsAsciiDigit);
        return canBeOne && Understood($"+{digits}", null) is { } number
            && (Library.IsValidNumber(number) || $"{number.CountryCode}{Library.GetNationalSignificantNumber(number)}" == digits)
                ? Of(number)
                : null;
    }

    /// <summary>
    /// As <see cref="Parse"/>, of a field of the CRM: also what a lead was given that was made for a number which WhatsApp alone knows, "+" and its digits.
    /// </summary>
    public static PhoneNumber? OfRecord(string? text, string? defaultRegion) =>
        Parse(text, defaultRegion) ?? (text is ['+', .. var digits] ? FromWaId(digits) : null);

    /// <summary>What people must not read in a log.</summary>
    public override string ToString() => "(phone number)";

    private static PhoneNumber? Read(string typed, string? region)
    {
        var national = Understood(typed, region);
        if (national is not null && Library.IsValidNumber(national))
        {
            return Of(national);
        }

        var international = WithoutPlus(typed, region, national);
        return CountryTwice(typed[0] == '+' ? national : international) is { } once ? Of(once)
            : IsWhole(international) ? Of(international)
            : IsWhole(national) ? Of(national)
            : null;
    }

    // "+62 62 812...": the number behind the first one is one by itself
    private static Parsed? CountryTwice(Parsed? read)
    {
        if (read is null || Library.IsValidNumber(read))
        {
            return null;
        }

        var national = Library.GetNationalSignificantNumber(read);
        return national.StartsWith(read.CountryCode.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            && Understood($"+{national}", null) is { } once && Library.IsValidNumber(once) ? once : null;
    }

    private static Parsed? WithoutPlus(string typed, string? region, Parsed? national)
    {
        var digits = string.Concat(typed.Where(char.IsAsciiDigit));
        if (typed[0] == '+')
        {
            return null;
        }

        // what is dialled for "abroad" differs by country, but "00" is written everywhere
        if (digits.StartsWith("00", StringComparison.Ordinal))
        {
            return Understood($"+{digits[2..]}", null);
        }

        return region is not null && !IsWhole(national) && digits.Length >= LeastWithoutPlus
            && Understood($"+{digits}", null) is { } guess && Library.IsValidNumber(guess) ? guess : null;
    }

    private static bool IsWhole([NotNullWhen(true)] Parsed? number) =>
        number is not null
        && (Library.IsValidNumber(number)
            || (Library.IsPossibleNumberWithReason(number) is PhoneNumberUtil.ValidationResult.IS_POSSIBLE
                && Library.GetNationalSignificantNumber(number) is { Length: >= LeastUnknown } national
                // one digit again and again is what people type where a field must not be empty
                && national.AsSpan().ContainsAnyExcept(national[0])));

    // what the library takes for German ones may be longer than E.164 allows: somebody wrote an extension behind it
    private static PhoneNumber? Of(Parsed number)
    {
        var one = new PhoneNumber(number.CountryCode, Library.GetNationalSignificantNumber(number));
        return one.E164.Length - 1 is >= LeastDigits and <= MostDigits ? one : null;
    }

    /// <summary>As it is dialled today; null where the library finds no country code or no digits.</summary>
    private static Parsed? Understood(string typed, string? region)
    {
        try
        {
            var number = Library.Parse(typed, region);
            var national = Library.GetNationalSignificantNumber(number);
            var dialled = NumberingPlans.Dialled(number.CountryCode, national);
            return dialled == national ? number : Library.Parse($"+{number.CountryCode}{dialled}", null);
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
