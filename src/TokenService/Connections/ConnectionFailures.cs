using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>Every way in which this service itself says no about a connection. What a provider says no to is in Providers.</summary>
internal static class ConnectionFailures
{
    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "connection_not_found", "There is no such connection. List the connections to see those that exist.");

    public static Failure NotConnected(Provider provider) => new(
        FailureKind.Precondition, "not_connected", $"Nothing is connected for this feature: connect {provider.Title} with it first.");

    public static readonly Failure CrmDisabled = new(
        FailureKind.Precondition, "crm_disabled", "Zoho CRM is switched off for this tenant: set crm_enabled in the integration settings.");

    public static readonly Failure RefreshInProgress = new(
        FailureKind.Unavailable, "refresh_in_progress", "The token is being refreshed and takes longer than expected; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static Failure NoRefreshToken(Provider provider) => new(
        FailureKind.Precondition,
        "no_refresh_token",
        $"{provider.Title} gave no refresh token, so the connection would end within the hour; nothing was connected. "
            + "Connect again and accept the consent page"
            + (provider is Provider.Zoho ? "; for a grant code, make it in the self client of the same API console." : "."));

    public static readonly Failure ClientChanged = new(
        FailureKind.Precondition,
        "client_changed",
        "The connection was made with another client_id than the settings hold now: connect again, or set the former client_id.");

    public static Failure ScopesMissing(IEnumerable<string> missing) => new(
        FailureKind.Precondition, "scopes_missing", $"It lacks the scopes {string.Join(", ", missing)}: connect again and accept them.");

    public static Failure BudgetSpent(Provider provider, int limit, TimeSpan retryAfter) => new(
        FailureKind.RateLimited,
        "refresh_budget_spent",
        provider is Provider.Zoho
            ? "This connection used up the ten tokens that Zoho gives in ten minutes; something asks for new ones too often."
            : $"This connection asked {provider.Title} for {limit} tokens in ten minutes, more than the platform "
                + "sends; something asks for new ones too often.")
    {
        RetryAfter = retryAfter,
    };

    public static Failure WrongDataCentre(string asked, string found) => new(
        FailureKind.Precondition,
        "wrong_data_centre",
        $"This refresh token does not belong to Zoho's data centre {asked} but to {found}: connect with data_centre {found}.");

    public static Failure RefreshTokenInvalid(GrantPlace place) => new(
        FailureKind.Precondition,
        "refresh_token_invalid",
        $"{place} does not accept this refresh token: it is wrong, was revoked, or belongs to another client_id.");
}
