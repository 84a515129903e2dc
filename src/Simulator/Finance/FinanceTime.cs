using System.Globalization;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>Times as Zoho Finance writes and reads them: whole seconds, the offset of the organisation's zone without a colon.</summary>
internal static class FinanceTime
{
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss";

    public static string Write(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return local.ToString(Seconds, CultureInfo.InvariantCulture)
            + local.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
    }

    public static DateTimeOffset? Read(string text) =>
        // .NET would take a colon as well
        text.Length == "2026-01-01T00:00:00+0000".Length
        && DateTimeOffset.TryParseExact(text, Seconds + "zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;

    public static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    public static DateTimeOffset Whole(DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), at.Offset);
}
