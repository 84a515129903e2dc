namespace ZohoPlatform.MessagingService.Phones;

/// <summary>
/// The numbering plans in which one person has several numbers: a digit came to the numbers, and WhatsApp keeps the id of an account as it
/// was when it was registered, or puts a digit in that nobody dials. All other numbers pass unchanged.
/// <list type="bullet">
/// <item>Brazil (55): mobiles got a ninth digit, the 9 behind the area code. Seen as wa_id with and without it (facts B.3). Only where the
/// eight digits begin with 6 to 9: 2 to 5 are landlines, which are other people.</item>
/// <item>Mexico (52): wa_id 52 1 and ten digits, mostly (facts B.3); 044, 045, 01 and the 1 from abroad were dialled until 2019
/// (google/libphonenumber#2693). No Mexican number begins with 0 or 1.</item>
/// <item>Argentina (54): a mobile is 54 9 and ten digits from abroad and as wa_id, and often written without the 9 (facts B.3). From within it is 15
/// behind the area code, two digits in Buenos Aires and three or four elsewhere; people write the 9 and the 15 both.</item>
/// <item>Côte d'Ivoire (225): eight digits got a prefix that follows from them on 2021-01-31 (mobiles 01, 05, 07 by the second digit,
/// landlines 21, 25, 27 by the third: aurellemeless/cipnn, dykoffi/ccu). Accounts from before keep eight digits as wa_id
/// (devlikeapro/waha#1894, support.whapi.cloud "specifics of sending messages to numbers of different countries").</item>
/// <item>Benin (229): every eight digits got 01 on 2024-11-30 (allafrica.com/stories/202411300249). That old ids stay as they were is not
/// seen yet; as the old number cannot be anybody else's, nothing is lost by taking it for the same.</item>
/// <item>Vietnam (84): the eleven digits of mobiles that began with 0 12, 16, 18 and 19 became ten on 2018-09-15, the first three or four of them by a
/// table of the operators (mobifone.vn "Detailed plan of the mobile phone number conversion", lawnet.vn 134777).</item>
/// <item>Colombia (57): landlines got 60 before the digit of their area on 2021-09-01 (resolution CRC 5826: cablenoticias.tv,
/// radionacional.co "como marcar de celular a fijo").</item>
/// </list>
/// </summary>
internal static class NumberingPlans
{
    public const int Mexico = 52;
    public const int Argentina = 54;
    public const int Brazil = 55;
    public const int Colombia = 57;
    public const int Vietnam = 84;
    public const int IvoryCoast = 225;
    public const int Benin = 229;

    // without the trunk 0
    private static readonly Dictionary<string, string> VietnamesePrefixes = new(StringComparer.Ordinal)
    {
        ["120"] = "70",
        ["121"] = "79",
        ["122"] = "77",
        ["126"] = "76",
        ["128"] = "78",
        ["123"] = "83",
        ["124"] = "84",
        ["125"] = "85",
        ["127"] = "81",
        ["129"] = "82",
        ["162"] = "32",
        ["163"] = "33",
        ["164"] = "34",
        ["165"] = "35",
        ["166"] = "36",
        ["167"] = "37",
        ["168"] = "38",
        ["169"] = "39",
        ["186"] = "56",
        ["188"] = "58",
        ["199"] = "59",
    };

    private static readonly Dictionary<string, string> FormerVietnamesePrefixes =
        VietnamesePrefixes.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The national number as it is dialled today: what an old or a WhatsApp form stands for.</summary>
    public static string Dialled(int countryCode, string national) => (countryCode, national) switch
    {
        (Brazil, [_, _, >= '6' and <= '9', ..]) when national.Length == 10 => $"{national[..2]}9{national[2..]}",
        (Mexico, _) => TenDigits(national),
        (Argentina, ['9', ..]) when national.Length == 13 => WithoutFifteen(national),
        (Colombia, ['1' or '2' or '4' or '5' or '6' or '7' or '8', >= '2', ..]) when national.Length == 8 => $"60{national}",
        (Vietnam, ['1', ..]) when national.Length == 10 && VietnamesePrefixes.TryGetValue(national[..3], out var prefix) => prefix + national[3..],
        (IvoryCoast, _) when national.Length == 8 && IvorianPrefix(national) is { } ivorian => ivorian + national,
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
        (Colombia, ['6', '0', _, >= '2', ..]) when dialled.Length == 10 => [dialled[2..]],
        (Vietnam, _) when dialled.Length == 9 && FormerVietnamesePrefixes.TryGetValue(dialled[..2], out var former) => [former + dialled[2..]],
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

    // no two places of it can have the 15
    private static string WithoutFifteen(string national)
    {
        var first = national.StartsWith("911", StringComparison.Ordinal) ? 3 : 4;
        var at = national.IndexOf("15", first, StringComparison.Ordinal);
        return at == first || (first == 4 && at == 5) ? national.Remove(at, 2) : national;
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
