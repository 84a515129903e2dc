using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>Every way in which this service itself says no about a connection. What a provider says no to is in Providers.</summary>
internal static class ConnectionFailures
{
    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "connection_not_found", "There is no such connection. List the connections to see those that exist.");

    public static Failure NotConnected(OAuthProvider provider) => new(
        FailureKind.Precondition, "not_connected", $"Nothing is connected for this feature: connect {provider.Title} with it first.");

    public static readonly Failure RefreshInProgress = new(
        FailureKind.Unavailable, "refresh_in_progress", "The token is being refreshed and takes longer than expected; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Failure ClientChanged = new(
        FailureKind.Precondition,
        "client_changed",
        "The connection was made with another client_id than the settings hold now: connect again, or set the former client_id.");

    public static Failure ScopesMissing(IEnumerable<string> missing) => new(
        FailureKind.Precondition, "scopes_missing", $"It lacks the scopes {string.Join(", ", missing)}: connect again and accept them.");

    public static Failure BudgetSpent(OAuthProvider provider, TimeSpan retryAfter) => new(
        FailureKind.RateLimited,
        "refresh_budget_spent",
        provider.Refreshes.IsDocumented
            ? $"This connection used up the {provider.Refreshes.InTenMinutes} tokens that {provider.Title} gives in ten minutes; something asks "
                + "for new ones too often."
            : $"This connection asked {provider.Title} for {provider.Refreshes.InTenMinutes} tokens in ten minutes, more than the platform "
                + "sends; something asks for new ones too often.")
    {
        RetryAfter = retryAfter,
    };

    public static Failure WrongDataCentre(ProviderPlace asked, ProviderPlace found) => new(
        FailureKind.Precondition,
        "wrong_data_centre",
        $"This refresh token does not belong to {asked.Provider.Title}'s data centre {asked.Code} but to {found.Code}: "
            + $"connect with data_centre {found.Code}.");

    public static Failure RefreshTokenInvalid(ProviderPlace place) => new(
        FailureKind.Precondition,
        "refresh_token_invalid",
        $"{place} does not accept this refresh token: it is wrong, was revoked, or belongs to another client_id.");
}
