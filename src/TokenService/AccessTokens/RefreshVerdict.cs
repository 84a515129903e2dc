using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.Zoho.Accounts;
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

    private const string ClientRefusedCode = "client_refused";
    private const string ClientSecretRefusedCode = "client_secret_refused";

    private static readonly TimeSpan SecondOpinionAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfigurationTriedAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(60);

    // Zoho's throttle ends after a time of silence, and every question makes it longer
    private static readonly TimeSpan FirstThrottle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestThrottle = TimeSpan.FromMinutes(30);

    public static RefreshVerdict Of(Failure failure, ConnectionRow row)
    {
        if (failure.Code == ZohoAccountsFailures.GrantRevoked.Code)
        {
            return row.CooldownCode == RefusedOnceCode
                ? new RefreshVerdict(failure, ConnectionState.Revoked, TimeSpan.Zero)
                : Transient(
                    row,
                    new Failure(
                        FailureKind.Unavailable,
                        RefusedOnceCode,
                        $"{row.Provider.Title} does not accept this connection's refresh token; it is asked "
                            + "once more before the connection counts as revoked."),
                    SecondOpinionAfter);
        }

        // Zoho refuses scopes on its consent page only; HubSpot also later, when the app in HubSpot lost one
        if (failure.Code is ClientRefusedCode or ClientSecretRefusedCode
            || (row.Provider is Provider.Hubspot && failure.Code == HubSpotOAuthFailures.ScopeRefused.Code))
        {
            return new RefreshVerdict(failure, ConnectionState.Misconfigured, ConfigurationTriedAfter);
        }

        return failure.Code == ZohoAccountsFailures.Throttled.Code
            ? Transient(row, failure, Grown(FirstThrottle, LongestThrottle, row.Failures))
            : Transient(row, failure, Longer(failure.RetryAfter, Grown(TimeSpan.FromSeconds(1), LongestOutage, row.Failures)));
    }

    /// <summary>What a caller is told while the provider, which said <paramref name="code"/>, is left alone.</summary>
    public static FailureKind KindOf(string code) =>
        code == ZohoAccountsFailures.Throttled.Code || code == HubSpotOAuthFailures.Throttled.Code
            ? FailureKind.RateLimited
            : FailureKind.Unavailable;

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
        row.CooldownReason = Answer.Message;
    }

    // whatever kind it has elsewhere: on a refresh nothing of this is known to be final, and the platform asks again by itself
    private static RefreshVerdict Transient(ConnectionRow row, Failure failure, TimeSpan cooldown) => new(
        failure with { Kind = KindOf(failure.Code), RetryAfter = cooldown }, row.State, cooldown);

    // who says how long to wait is not asked earlier
    private static TimeSpan Longer(TimeSpan? asked, TimeSpan grown) => asked > grown ? asked.Value : grown;

    private static TimeSpan Grown(TimeSpan first, TimeSpan longest, int failures) =>
        TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(failures, 10)));
}
