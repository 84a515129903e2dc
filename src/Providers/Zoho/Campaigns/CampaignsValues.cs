using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>Values as Zoho Campaigns writes them: texts for everything, and the word null for nothing.</summary>
internal static partial class CampaignsValues
{
    private static readonly long LatestMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    extension(JsonElement element)
    {
        /// <summary>A property's text; null where it is absent, blank or the word null.</summary>
        public string? Word(string name) =>
            element.Text(name)?.Trim() is { Length: > 0 } text && !text.Equals("null", StringComparison.OrdinalIgnoreCase) ? text : null;

        /// <summary>A property's count, see <see cref="ReadCount"/>; null where it has none.</summary>
        public long? Count(string name) => ReadCount(element.Word(name));

        /// <summary>A property's milliseconds since 1970; null where it is anything else.</summary>
        public DateTimeOffset? Time(string name) => element.Number(name) is { } milliseconds
            && milliseconds > 0 && milliseconds <= LatestMilliseconds
                ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                : null;
    }

    /// <summary>
    /// A whole number as an account's language may write it: <c>12345</c>, <c>12,345</c>, <c>12.345</c>, <c>1 234</c>, <c>12345.0</c>.
    /// Null for anything else, a number below 0 included: that is no count.
    /// </summary>
    public static long? ReadCount(string? text)
    {
        if (text is null || WrittenCount.Match(text.Trim()) is not { Success: true } count)
        {
            return null;
        }

        var digits = string.Concat(count.Groups["digits"].Value.Where(char.IsAsciiDigit));
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    // a count is whole: three digits after a point are a thousand's, noughts at the end are decimals
    [GeneratedRegex(
        @"^(?<digits>[0-9]{1,3}(?:(?<by>[,.'\u2019\s])[0-9]{3})(?:\k<by>[0-9]{3})*|[0-9]+)(?:[.,]0{1,2})?\z",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrittenCount { get; }
}
