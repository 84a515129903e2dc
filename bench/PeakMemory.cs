using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench;

/// <summary>The greatest working set of a process while it does something, looked at four times a second.</summary>
internal static class PeakMemory
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>What <paramref name="work"/> came to, and the bytes.</summary>
    public static async Task<(T Done, long Bytes)> OfAsync<T>(ServiceProcess process, Func<Task<T>> work)
    {
        var (done, peak) = (work(), process.WorkingSet);
        while (!done.IsCompleted)
        {
            await Task.WhenAny(done, Task.Delay(LookEvery));
            peak = Math.Max(peak, process.WorkingSet);
        }

        return (await done, peak);
    }

    /// <summary>Of the same work with a few rows and with many: the memory must not grow with them.</summary>
    public static IEnumerable<Figure> Figures((int Rows, long Bytes) few, (int Rows, long Bytes) many) =>
    [
        new Figure($"working set at most, {few.Rows:#,0}", "MB", [few.Bytes / 1e6]),
        new Figure($"working set at most, {many.Rows:#,0}", "MB", [many.Bytes / 1e6]),
        new Figure("growth", "MB", [(many.Bytes - few.Bytes) / 1e6], new Target(AtMost: 50)),
    ];
}
