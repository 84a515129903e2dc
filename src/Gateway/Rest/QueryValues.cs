using System.Globalization;
using System.Text.RegularExpressions;
using ZohoPlatform.Api;
using ZohoPlatform.ServiceDefaults.Failures;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// Parameters of a query that are not text, read so that a wrong one is named; an absent one is the contract's "not said".
/// </summary>
internal static partial class QueryValues
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>A number from 1 to <paramref name="max"/>; 0 when absent.</summary>
    public static Result<int> PageSize(string? text, int max)
    {
        if (text is null)
        {
            return 0;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 && size <= max
            ? size
            : Failure.InvalidField("page_size", $"page_size must be a number from 1 to {max}.");
    }

    /// <summary><c>true</c> or <c>false</c>; false when absent.</summary>
    public static Result<bool> Flag(string name, string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => Failure.InvalidField(name, $"{name} must be true or false."),
    };

    /// <summary>A time of RFC 3339, or a day, whose first moment it is; UTC where no zone is given. The contract's "not said" when absent.</summary>
    public static Result<Moment> Time(string name, string? text)
    {
        if (text is null)
        {
            return new Moment(null);
        }

        // nothing is guessed: 11/12 is another day in another country
        var exact = BeyondTicks().Replace(text.ToUpperInvariant(), "${ticks}");
        return DateTimeOffset.TryParseExact(exact, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new Moment(Timestamp.FromDateTimeOffset(time))
            : Failure.InvalidField(name, $"{name} must be a time like 2026-11-21T09:30:00Z, or a day like 2026-11-21.");
    }

    /// <summary>One of the REST spellings of <typeparamref name="T"/>; the enum's 0 when absent.</summary>
    public static Result<T> OneOf<T>(string name, string? text)
        where T : struct, Enum
    {
        if (text is null)
        {
            return default(T);
        }

        return ApiName.TryParse<T>(text, out var value)
            ? value
            : Failure.InvalidField(name, $"{name} must be one of {string.Join(", ", ApiName.All<T>())}.");
    }

    /// <summary>A time that may be absent.</summary>
    internal sealed record Moment(Timestamp? At);

    // programs in Go and Java write nanoseconds; entries have microseconds
    [GeneratedRegex(@"(?<ticks>\.\d{7})\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BeyondTicks();
}
