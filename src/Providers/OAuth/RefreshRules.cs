namespace ZohoPlatform.Providers.OAuth;

/// <summary>What a provider allows with a refresh token.</summary>
/// <param name="InTenMinutes">Access tokens for one grant in any ten minutes.</param>
/// <param name="IsDocumented">
/// Whether that is the provider's own limit, which people are told of as it is used up. Else it is a guard of the platform's against a caller
/// that wants new tokens without end.
/// </param>
public sealed record RefreshRules(int InTenMinutes, bool IsDocumented)
{
    /// <summary>The longest validity that a caller may ask for; who asks for a token's whole life would have a new one for every call.</summary>
    public TimeSpan MostValidity { get; init; } = TimeSpan.MaxValue;

    /// <summary>
    /// How long a throttled grant is left alone, at first and at most, where every question makes the throttle last longer. Null: as long as
    /// the provider says, or as after an outage.
    /// </summary>
    public (TimeSpan First, TimeSpan Longest)? ThrottleGrows { get; init; }

    /// <summary>
    /// How many refresh tokens the provider keeps for one user and client, letting the oldest go for the next; null where it has no such limit.
    /// </summary>
    public int? GrantsKept { get; init; }
}
