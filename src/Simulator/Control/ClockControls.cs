namespace ZohoPlatform.Simulator.Control;

/// <summary>Move the provider's clock ahead, hold it, let it go.</summary>
internal static class ClockControls
{
    private const double LongestSeconds = 10 * 365 * 86_400d;

    public static void MapClock(this IEndpointRouteBuilder controls)
    {
        controls.MapGet("/clock", (SimulatorClock clock) => Show(clock));
        controls.MapPost("/clock", Change);
    }

    private static IResult Change(Body<ClockChange> body, SimulatorClock clock)
    {
        var (frozen, seconds) = body.Value;
        if (seconds is < 0 or > LongestSeconds)
        {
            return ControlProblem.Of("advance_seconds", "Between 0 and ten years; time does not go back.");
        }

        if (frozen is true)
        {
            clock.Freeze();
        }

        clock.Advance(TimeSpan.FromSeconds(seconds ?? 0));
        if (frozen is false)
        {
            clock.Resume();
        }

        return Results.Json(Show(clock));
    }

    private static ClockState Show(SimulatorClock clock) => new(clock.GetUtcNow(), clock.Frozen);

    private sealed record ClockChange(bool? Frozen, double? AdvanceSeconds);
}

internal sealed record ClockState(DateTimeOffset Now, bool Frozen);
