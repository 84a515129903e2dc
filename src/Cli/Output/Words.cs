using System.Globalization;

namespace ZohoPlatform.Cli.Output;

/// <summary>Numbers and times as people read them.</summary>
internal static class Words
{
    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Of(long? number) => number is { } known ? Of(known) : "-";

    public static string Of(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Between 0 and 1, as a percentage.</summary>
    public static string Rate(double? rate) => rate is { } known ? known.ToString("P1", CultureInfo.InvariantCulture) : "-";

    /// <summary>In this machine's time zone; without the date where it is today's.</summary>
    public static string Of(DateTimeOffset? time)
    {
        if (time is not { } known)
        {
            return "-";
        }

        var local = known.ToLocalTime();
        var format = local.Date == TimeProvider.System.GetLocalNow().Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    public static string Of(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{Math.Max(0, time.Seconds)} s",
    };

    /// <summary>Below a finding, what does not work because of it.</summary>
    public static string NotEither(IEnumerable<string> names) => $"Because of it not either: {string.Join(", ", names)}.";

    /// <summary>1 row, 2 rows.</summary>
    public static string Count(long number, string one, string many) => $"{Of(number)} {(number == 1 ? one : many)}";
}
