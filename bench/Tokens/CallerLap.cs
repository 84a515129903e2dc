using System.Diagnostics;

namespace ZohoPlatform.Bench.Tokens;

/// <summary>Callers that each call again as soon as they have an answer; every call is timed.</summary>
internal static class CallerLap
{
    /// <param name="callers">How many at once.</param>
    /// <param name="calls">Of all of them together.</param>
    /// <param name="call">Gets the call's number; false: it was answered wrongly.</param>
    public static async Task<Lap> RunAsync(int callers, int calls, Func<int, Task<bool>> call)
    {
        var times = new long[calls];
        var start = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            for (var i = caller; i < calls; i += callers)
            {
                var begun = Stopwatch.GetTimestamp();
                if (!await call(i))
                {
                    throw new InvalidOperationException("A call was answered with something else than it asked for.");
                }

                times[i] = Stopwatch.GetTimestamp() - begun;
            }
        }));

        var elapsed = Stopwatch.GetElapsedTime(start);
        Array.Sort(times);
        return new Lap(calls, elapsed, Stopwatch.GetElapsedTime(0, times[calls * 99 / 100]));
    }
}
