using System.Globalization;
using System.Runtime.InteropServices;

namespace ZohoPlatform.Bench;

/// <summary>
/// Where a run's figures come from. <see cref="LoadBefore"/> is how many processes wanted a core in the minute before the run: well below
/// the cores, or the figures are noise.
/// </summary>
internal sealed record Machine(string Processor, int Cores, string Os, string Runtime, double LoadBefore)
{
    public static Machine Facts() => new(
        File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
}
