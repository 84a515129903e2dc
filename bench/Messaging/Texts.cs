using System.Globalization;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>What a thousand people write: numbers as films have them, and texts of about 200 characters.</summary>
internal static class Texts
{
    public const int People = 1_000;

    private const int NumbersOfAnArea = 100;

    private static readonly int[] Areas = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212];

    /// <summary>The phone of one of them.</summary>
    public static string PhoneOf(int n) => string.Create(
        CultureInfo.InvariantCulture, $"+1{Areas[n % People / NumbersOfAnArea]}55501{n % NumbersOfAnArea:00}");

    /// <summary>What the nth message says.</summary>
    public static string Of(int n) => string.Create(
        CultureInfo.InvariantCulture,
        $"Message {n:000000}: is the engine still for sale, and does it come with the difference table that was shown beside it? "
            + $"I would take it on Friday, if somebody is there who can help me to carry it to the van.");
}
