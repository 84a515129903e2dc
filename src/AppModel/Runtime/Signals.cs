using System.Runtime.InteropServices;

namespace Aspire.Hosting.Runtime;

/// <summary>Signals that System.Diagnostics.Process cannot send.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static bool IsRoot => geteuid() == 0;

    /// <param name="pid">The process; negative: the process group of that number.</param>
    /// <param name="signal">The signal's number on Linux.</param>
    public static void Send(int pid, int signal) => _ = kill(pid, signal);     // a process that is gone has what the signal is for

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();
}
