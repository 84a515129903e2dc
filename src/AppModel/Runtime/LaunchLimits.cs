namespace Aspire.Hosting.Runtime;

/// <summary>How long a launch has patience.</summary>
internal sealed record LaunchLimits
{
    /// <summary>From the launch to everything being healthy; a dependency is waited for as long.</summary>
    public TimeSpan Ready { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Between two health checks of what is not healthy yet.</summary>
    public TimeSpan ProbeWhileStarting { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan ProbeWhileHealthy { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Before the first restart; it doubles up to <see cref="LongestBackoff"/>.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Healthy for this long, and the next restart counts as the first again.</summary>
    public TimeSpan BackoffForgottenAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What has no health check and ends sooner than this never really started.</summary>
    public TimeSpan StartedAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends in a row before the first healthy moment that fail the launch.</summary>
    public int StartAttempts { get; init; } = 3;
}
