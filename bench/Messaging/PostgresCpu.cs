using System.Globalization;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>What a PostgreSQL server has spent: its postmaster, the processes that it has and those that have ended.</summary>
internal static class PostgresCpu
{
    // /proc/{pid}/stat behind the name in parentheses, which may hold anything: state, ppid ... utime, stime, cutime, cstime (proc(5), from 1: 14 to 17)
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int EndedSystemTime = 14;

    // USER_HZ of every Linux that .NET runs on
    private const double TicksPerSecond = 100;

    /// <summary>The server's postmaster, by one of its processes.</summary>
    public static int PostmasterOf(int backend) => int.Parse(StatOf(backend)![Parent], CultureInfo.InvariantCulture);

    /// <summary>User and system time of all of them.</summary>
    public static TimeSpan Of(int postmaster)
    {
        var parent = postmaster.ToString(CultureInfo.InvariantCulture);
        var ticks = TicksOf(StatOf(postmaster)!, withEnded: true) + Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? StatOf(pid) : null)
            .Where(stat => stat?[Parent] == parent)
            .Sum(stat => TicksOf(stat!, withEnded: false));
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static long TicksOf(string[] stat, bool withEnded) => stat[UserTime..(withEnded ? EndedSystemTime + 1 : UserTime + 2)]
        .Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture));

    // null: it has ended
    private static string[]? StatOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
