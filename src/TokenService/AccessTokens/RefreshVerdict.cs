using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>What a refused refresh means for its connection.</summary>
/// <param name="Answer">What the caller is told.</param>
/// <param name="State">The connection's state from now on; an outage or a throttle never changes it.</param>
/// <param name="Cooldown">For how long the provider is not asked again.</param>
internal sealed record RefreshVerdict(Failure Answer, ConnectionState State, TimeSpan Cooldown)
{
    /// <summary>The provider said once that the grant is gone. One such answer may be a mistake; the second in a row is believed.</summary>
    private const string RefusedOnceCode = "grant_refused_once";

    private static readonly TimeSpan SecondOpinionAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfigurationTriedAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(60);

    public static RefreshVerdict Of(Failure failure, OAuthProvider provider, ConnectionRow row)
    {
        var meaning = provider.Judge(failure);
        return meaning switch
        {
            RefusedRefresh.GrantGone when row.CooldownCode == RefusedOnceCode =>
                new RefreshVerdict(failure, ConnectionState.Revoked, TimeSpan.Zero),
            RefusedRefresh.GrantGone => Transient(
                row,
                new Failure(
                    FailureKind.Unavailable,
                    RefusedOnceCode,
                    $"{provider.Title} does not accept this connection's refresh token; it is asked "
                        + "once more before the connection counts as revoked."),
                SecondOpinionAfter),
            RefusedRefresh.Misconfigured => new RefreshVerdict(failure, ConnectionState.Misconfigured, ConfigurationTriedAfter),
            RefusedRefresh.Throttled when provider.Refreshes.ThrottleGrows is var (first, longest) =>
                Transient(row, failure with { Kind = FailureKind.RateLimited }, Grown(first, longest, row.Failures)),
            RefusedRefresh.Throttled => Transient(row, failure with { Kind = FailureKind.RateLimited }, AfterOutage(failure, row)),
            // whatever kind it has elsewhere: on a refresh nothing of this is known to be final, and the platform asks again by itself
            RefusedRefresh.Transient => Transient(row, failure with { Kind = FailureKind.Unavailable }, AfterOutage(failure, row)),
        };
    }

    public void ApplyTo(ConnectionRow row, DateTimeOffset now)
    {
        if (State != row.State)
        {
            row.State = State;
            row.StateCode = Answer.Code;
            row.StateReason = Answer.Message;
        }

        row.Failures++;
        row.CooldownUntil = now + Cooldown;
        row.CooldownCode = Answer.Code;
        row.CooldownKind = Answer.Kind;
        row.CooldownReason = Answer.Message;
    }

    private static RefreshVerdict Transient(ConnectionRow row, Failure failure, TimeSpan cooldown) =>
        new(failure with { RetryAfter = cooldown }, row.State, cooldown);

    // who says how long to wait is not asked earlier
    private static TimeSpan AfterOutage(Failure failure, ConnectionRow row)
    {
        var grown = Grown(TimeSpan.FromSeconds(1), LongestOutage, row.Failures);
        return failure.RetryAfter is { } asked && asked > grown ? asked : grown;
    }

    private static TimeSpan Grown(TimeSpan first, TimeSpan longest, int failures) =>
        TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(failures, 10)));
}
