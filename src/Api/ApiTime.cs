using System.Globalization;
using System.Text.RegularExpressions;

namespace ZohoPlatform.Api;

/// <summary>How a parameter of REST, and an option of the command line, says a time.</summary>
public static partial class ApiTime
{
    private static readonly string[] Formats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>
    /// A time of RFC 3339, T and Z in either case, or a day, whose first moment it is; UTC where no zone is given. What is beyond 100
    /// nanoseconds is cut off.
    /// </summary>
    public static bool TryParse(string text, out DateTimeOffset time) =>
        // nothing is guessed: 11/12 is another day in another country
        DateTimeOffset.TryParseExact(
            BeyondTicks.Replace(text.ToUpperInvariant(), "${ticks}"),
            Formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out time);

    // programs in Go and Java write nanoseconds; entries have microseconds
    [GeneratedRegex(@"(?<ticks>\.\d{7})\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BeyondTicks { get; }
}
