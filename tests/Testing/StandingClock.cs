using Microsoft.Extensions.Time.Testing;

namespace ZohoPlatform.Testing;

/// <summary>Clocks that stand still until a test moves them.</summary>
public static class StandingClock
{
    /// <summary>At the same noon in every test.</summary>
    public static FakeTimeProvider Create() => new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
}
