using System.Diagnostics;
using System.Globalization;

namespace ZohoPlatform.Testing;

/// <summary>Signals to other processes, by their short names: <c>TERM</c>, <c>INT</c>, <c>KILL</c>, <c>STOP</c>, <c>CONT</c>.</summary>
public static class Signals
{
    /// <summary>One that has ended already is none the worse for it.</summary>
    public static void Send(string signal, int pid)
    {
        using var kill = Process.Start("kill", ["-s", signal, pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
