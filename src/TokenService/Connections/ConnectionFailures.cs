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

    public static Failure NotChosen(OAuthProvider provider, string feature) => new(
        FailureKind.Precondition,
        "connection_not_chosen",
        $"No connection is chosen for {feature} since the one that served it was deleted or taken out: choose one as "
            + $"feature_connections.{feature} in the {provider.Title} settings, or connect {provider.Title} for {feature} again.");

    /// <summary>What is answered while the tenant has switched the provider off.</summary>
    public static Failure IntegrationDisabled(OAuthProvider provider) => new(
        FailureKind.Precondition,
        "integration_disabled",
        $"{provider.Title} is switched off for this tenant: set enabled to true in the {provider.Title} settings, and all that waits goes on.");

    /// <summary>What would stop without the connection.</summary>
    public static Failure InUse(IEnumerable<ProviderFeature> served) => new(
        FailureKind.Precondition,
        "connection_in_use",
        $"Without this connection these stop: {string.Join("; ", served.Select(feature => $"{feature.Name} ({feature.Work})"))}. Choose another "
            + "one for them first (feature_connections in the integration settings), or delete it with even_if_in_use=true.");

    public const string NotTriedCode = "client_not_tried";

    /// <summary>The budget is kept for work.</summary>
    public static Failure NotTried(OAuthProvider provider, int used) => new(
        FailureKind.RateLimited,
        NotTriedCode,
        $"It was not tried whether client id and secret are right: {used} of the {provider.Refreshes.InTenMinutes} tokens that {provider.Title} "
            + "gives in ten minutes are used, and the others are kept for work. Test again in ten minutes.");

    public static Failure ScopesUnknown(OAuthProvider provider) => new(
        FailureKind.Precondition, "scopes_unknown", $"{provider.Title} did not say what it granted: what the grant lacks shows when it is needed.");

    public static Failure ApiDomainElsewhere(ProviderPlace place, string apiDomain) => new(
        FailureKind.Precondition,
        "api_domain_elsewhere",
        $"The settings have api_domain {apiDomain}, and this account is in the data centre {place.Code} ({place.ApiDomain}): "
            + "set api_domain to an empty text in the integration settings.");

    public static readonly Failure RefreshInProgress = new(
        FailureKind.Unavailable, "refresh_in_progress", "The token is being refreshed and takes longer than expected; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Failure ClientChanged = new(
        FailureKind.Precondition,
        "client_changed",
        "The connection was made with another client_id than the settings hold now: set the former client_id again where that was not meant, and "
            + "connect again where it was.");

    public static Failure ScopesMissing(IEnumerable<string> features, IEnumerable<string> missing) => new(
        FailureKind.Precondition,
        "scopes_missing",
        $"It lacks the scopes {string.Join(", ", missing)} and does not do what needs them: connect again with {string.Join(", ", features)}, and "
            + "accept everything.");

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
