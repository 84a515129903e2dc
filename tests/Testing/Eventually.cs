using System.Diagnostics;

namespace ZohoPlatform.Testing;

/// <summary>Waits for what other processes bring about and cannot tell: asks again until it holds, for a bounded time.</summary>
public static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The first answer of <paramref name="ask"/> that satisfies <paramref name="holds"/>.</summary>
    /// <exception cref="TimeoutException">It did not hold within <see cref="Limit"/>; the message shows the last answer.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask().WaitAsync(Limit);
            if (holds(answer))
            {
                return answer;
            }

            if (watch.Elapsed > Limit)
            {
                throw new TimeoutException($"Not within {Limit.TotalSeconds} s; the last answer was: {answer}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
