using Microsoft.Extensions.Time.Testing;

namespace ZohoPlatform.Testing;

/// <summary>Clocks that stand still until a test moves them.</summary>
public static class StandingClock
{
    /// <summary>The same in every test.</summary>
    public static DateTimeOffset Noon { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static FakeTimeProvider Create() => new(Noon);
}
