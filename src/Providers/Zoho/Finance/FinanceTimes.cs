using System.Globalization;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>
/// Times as the finance products write them: <c>2026-06-09T13:14:55-0400</c>, an offset without a colon, in the organisation's zone. Two of them are compared
/// as instants and never as text.
/// </summary>
public static class FinanceTimes
{
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary>Whole seconds in UTC, as filters take them.</summary>
    public static string Write(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture);

    /// <summary>Keeps the offset; null for anything else.</summary>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>A day, which has no zone; null for anything else.</summary>
    public static DateOnly? ReadDate(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
}
