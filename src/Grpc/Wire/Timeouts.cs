using System.Globalization;

namespace Grpc.Wire;

/// <summary>The <c>grpc-timeout</c> header: up to eight digits and a unit (gRPC over HTTP/2, Timeout).</summary>
internal static class Timeouts
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;

    /// <summary>The longest a timer runs; a later deadline is armed again when it fires.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    /// <summary>The finest unit that holds the time, rounded up so that the other side never gives up first.</summary>
    public static string Encode(TimeSpan timeout)
    {
        ReadOnlySpan<(char Unit, long Ticks)> units =
        [
            ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
            ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
        ];

        // a deadline that passed just now is still a deadline
        var left = Math.Max(timeout.Ticks, 1);

        foreach (var (unit, ticks) in units)
        {
            var value = (left / ticks) + (left % ticks > 0 ? 1 : 0);

            if (value <= MaxValue)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{MaxValue}H");
    }

    public static bool TryDecode(string header, out TimeSpan timeout)
    {
        timeout = default;

        if (header.Length is < 2 or > MaxDigits + 1
            || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        long? ticks = header[^1] switch
        {
            'n' => (value + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'S' => value * TimeSpan.TicksPerSecond,
            'M' => value * TimeSpan.TicksPerMinute,
            'H' => value * TimeSpan.TicksPerHour,
            _ => null,
        };

        timeout = new TimeSpan(ticks ?? 0);
        return ticks is not null;
    }

    /// <summary>When a timeout that begins now ends, in UTC.</summary>
    public static DateTime FromNow(TimeSpan timeout)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return timeout < DateTime.MaxValue - now ? now + timeout : DateTime.MaxValue;
    }

    /// <summary>What is left until a deadline; zero or less once it has passed.</summary>
    public static TimeSpan Left(DateTime deadline) => deadline - TimeProvider.System.GetUtcNow().UtcDateTime;
}
