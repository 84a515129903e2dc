namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>How long to wait before the next try: doubling from two seconds to five minutes, a fifth more or less by chance.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    /// <param name="failures">How many tries failed in a row, this one included; at least 1.</param>
    /// <param name="atLeast">What the provider or the quota asks for, if anything.</param>
    public static TimeSpan After(int failures, TimeSpan? atLeast)
    {
        var doubled = failures > 20 ? Longest : Shortest * Math.Pow(2, failures - 1);
        return Jittered(doubled < Longest ? doubled : Longest, atLeast);
    }

    /// <summary><paramref name="delay"/> a fifth more or less, so that what failed together does not come back together.</summary>
    public static TimeSpan Jittered(TimeSpan delay, TimeSpan? atLeast = null)
    {
        var jittered = delay * (0.8 + (0.4 * Random.Shared.NextDouble()));
        return atLeast > jittered ? atLeast.Value : jittered;
    }
}
