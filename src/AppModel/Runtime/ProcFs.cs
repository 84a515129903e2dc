using System.Globalization;

namespace Aspire.Hosting.Runtime;

/// <summary>What the kernel tells about processes and ports (man 5 proc).</summary>
internal static class ProcFs
{
    private static readonly string[] TcpTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>When the process began, in clock ticks since boot; null when it is gone or only waits to be reaped.</summary>
    public static string? StartTimeOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');    // the name in brackets may hold anything
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Who listens on a TCP port, as <c>name (pid 7)</c>; null when that cannot be seen.</summary>
    public static string? ListenerOn(int port)
    {
        if (SocketListeningOn(port) is not { } inode)
        {
            return null;
        }
        var target = $"socket:[{inode}]";
        foreach (var process in Directory.GetDirectories("/proc").Where(d => Path.GetFileName(d).All(char.IsAsciiDigit)))
        {
            try
            {
                if (Directory.GetFiles($"{process}/fd").Any(fd => new FileInfo(fd).LinkTarget == target))
                {
                    return $"{File.ReadAllText($"{process}/comm").Trim()} (pid {Path.GetFileName(process)})";
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // ended meanwhile, or another user's
            }
        }
        return null;
    }

    private static string? SocketListeningOn(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        foreach (var table in TcpTables.Where(File.Exists))
        {
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[1].EndsWith(suffix, StringComparison.Ordinal) && fields[3] == "0A")
                {
                    return fields[9];
                }
            }
        }
        return null;
    }
}
