using System.ComponentModel.DataAnnotations;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>How Books, Inventory and Invoice behave where the sources disagree. Under <c>finance</c> of the simulator's settings.</summary>
internal sealed record FinanceSettings
{
    /// <summary>What a call takes, in real time, while it counts as one at a time.</summary>
    [Range(0, 60_000)]
    public int CallMilliseconds { get; init; }

    /// <summary>Status of a row that is not there: 404 by most sources, 400 by some, 200 with its code by one.</summary>
    [AllowedValues(200, 400, 404)]
    public int GoneStatus { get; init; } = 404;

    /// <summary>Status when the day's calls are used up: 429, or 200 with code 45 as reported.</summary>
    [AllowedValues(200, 429)]
    public int DailyLimitStatus { get; init; } = 429;
}
