using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>
/// A source of random input for a bounded time. Every round has a seed of its own, which a failure names; with <c>GRPC_FUZZ_SEED</c> set to
/// it only that round runs.
/// </summary>
internal static class Fuzz
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(700);

    public static async Task RunAsync(ITestOutputHelper output, Func<Random, Task> round)
    {
        if (Environment.GetEnvironmentVariable("GRPC_FUZZ_SEED") is { Length: > 0 } given)
        {
            await RunAsync(int.Parse(given, CultureInfo.InvariantCulture), round);
            return;
        }

        var first = Random.Shared.Next();
        var begun = Stopwatch.GetTimestamp();
        var rounds = 0;

        while (Stopwatch.GetElapsedTime(begun) < Budget)
        {
            await RunAsync(unchecked(first + rounds++), round);
        }

        output.WriteLine($"GRPC_FUZZ_SEED {first} to {first + rounds - 1}");
    }

    /// <summary>Random bytes.</summary>
    public static byte[] Bytes(this Random random, int most)
    {
        var bytes = new byte[random.Next(most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Random text of these characters.</summary>
    public static string Text(this Random random, string characters, int most) =>
        new(random.GetItems<char>(characters, random.Next(most + 1)));

    /// <summary>The bytes with a few of them changed, dropped, doubled or cut off.</summary>
    public static byte[] Mutate(this Random random, byte[] original)
    {
        var bytes = original.ToList();

        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);

            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, random.Bytes(8));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static async Task RunAsync(int seed, Func<Random, Task> round)
    {
        try
        {
            await Task.Run(() => round(new Random(seed))).Soon();     // a loop without an end is named too
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Failed with GRPC_FUZZ_SEED={seed}", e);
        }
    }
}
