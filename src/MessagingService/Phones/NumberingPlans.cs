namespace ZohoPlatform.MessagingService.Phones;

/// <summary>
/// The numbering plans in which one person has several numbers: a digit came to the numbers, and WhatsApp keeps the id of an account as it
/// was when it was registered, or puts a digit in that nobody dials. All other numbers pass unchanged.
/// <list type="bullet">
/// <item>Brazil (55): mobiles got a ninth digit, the 9 behind the area code. Seen as wa_id with and without it (facts B.3). Only where the
/// eight digits begin with 6 to 9: 2 to 5 are landlines, which are other people.</item>
/// <item>Mexico (52): wa_id 52 1 and ten digits, mostly (facts B.3); 044, 045, 01 and the 1 from abroad were dialled until 2019
/// (google/libphonenumber#2693). No Mexican number begins with 0 or 1.</item>
/// <item>Argentina (54): a mobile is 54 9 and ten digits from abroad and as wa_id, and often written without the 9 (facts B.3).</item>
/// <item>Côte d'Ivoire (225): eight digits got a prefix that follows from them on 2021-01-31 (mobiles 01, 05, 07 by the second digit,
/// landlines 21, 25, 27 by the third: aurellemeless/cipnn, dykoffi/ccu). Accounts from before keep eight digits as wa_id
/// (devlikeapro/waha#1894, support.whapi.cloud "specifics of sending messages to numbers of different countries").</item>
/// <item>Benin (229): every eight digits got 01 on 2024-11-30 (allafrica.com/stories/202411300249). That old ids stay as they were is not
/// seen yet; as the old number cannot be anybody else's, nothing is lost by taking it for the same.</item>
/// </list>
/// </summary>
internal static class NumberingPlans
{
    public const int Mexico = 52;
    public const int Argentina = 54;
    public const int Brazil = 55;
    public const int IvoryCoast = 225;
    public const int Benin = 229;

    /// <summary>The national number as it is dialled today: what an old or a WhatsApp form stands for.</summary>
    public static string Dialled(int countryCode, string national) => (countryCode, national) switch
    {
        (Brazil, [_, _, >= '6' and <= '9', ..]) when national.Length == 10 => $"{national[..2]}9{national[2..]}",
        (Mexico, _) => TenDigits(national),
        (IvoryCoast, _) when national.Length == 8 && IvorianPrefix(national) is { } prefix => prefix + national,
        (Benin, _) when national.Length == 8 => $"01{national}",
        _ => national,
    };

    /// <summary>One national number per person, of a dialled one.</summary>
    public static string OfPerson(int countryCode, string dialled) =>
        IsArgentineMobile(countryCode, dialled) ? dialled[1..] : dialled;

    /// <summary>The person's other national numbers, of a dialled one: what a wa_id or an old note of it may hold.</summary>
    public static IEnumerable<string> Others(int countryCode, string dialled) => (countryCode, dialled) switch
    {
        (Brazil, [_, _, '9', >= '6' and <= '9', ..]) when dialled.Length == 11 => [dialled.Remove(2, 1)],
        (Mexico, _) when dialled.Length == 10 => [$"1{dialled}"],
        (Argentina, _) when IsArgentineMobile(countryCode, dialled) => [dialled[1..]],
        (Argentina, _) when dialled.Length == 10 => [$"9{dialled}"],
        (IvoryCoast, _) when dialled.Length == 10 && IvorianPrefix(dialled[2..]) == dialled[..2] => [dialled[2..]],
        (Benin, ['0', '1', ..]) when dialled.Length == 10 => [dialled[2..]],
        _ => [],
    };

    private static bool IsArgentineMobile(int countryCode, string national) =>
        countryCode == Argentina && national.Length == 11 && national[0] == '9';

    private static string TenDigits(string national)
    {
        var before = national.Length - 10;
        return before > 0 && national[..before] is "1" or "01" or "044" or "045" ? national[before..] : national;
    }

    private static string? IvorianPrefix(string eight) => eight switch
    {
        ['2' or '3', _, '8', ..] => "21",
        ['2' or '3', _, '0', ..] => "25",
        ['2' or '3', ..] => "27",
        [_, >= '0' and <= '3', ..] => "01",
        [_, >= '4' and <= '6', ..] => "05",
        [_, >= '7' and <= '9', ..] => "07",
        _ => null,
    };
}
