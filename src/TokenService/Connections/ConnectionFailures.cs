using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>Every way in which this service itself says no about a connection. What Zoho says no to is in Providers.</summary>
internal static class ConnectionFailures
{
    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "connection_not_found", "There is no such connection. List the connections to see those that exist.");

    public static readonly Failure NotConnected = new(
        FailureKind.Precondition, "not_connected", "Nothing is connected for this feature: connect Zoho with it first.");

    public static readonly Failure CrmDisabled = new(
        FailureKind.Precondition, "crm_disabled", "Zoho CRM is switched off for this tenant: set crm_enabled in the integration settings.");

    public static readonly Failure ProviderNotSupported = new(
        FailureKind.Precondition,
        "provider_not_supported",
        "HubSpot cannot be connected yet; its client settings are kept for when it can.");

    public static readonly Failure RefreshInProgress = new(
        FailureKind.Unavailable, "refresh_in_progress", "The token is being refreshed and takes longer than expected; try again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Failure NoRefreshToken = new(
        FailureKind.Precondition,
        "no_refresh_token",
        "Zoho gave no refresh token, so the connection would end within the hour; nothing was connected. "
            + "Connect again and accept the consent page; "
            + "for a grant code, make it in the self client of the same API console.");

    public static readonly Failure ClientChanged = new(
        FailureKind.Precondition,
        "client_changed",
        "The connection was made with another client_id than the settings hold now: connect again, or set the former client_id.");

    public static Failure BudgetSpent(TimeSpan retryAfter) => new(
        FailureKind.RateLimited,
        "refresh_budget_spent",
        "This connection used up the ten tokens that Zoho gives in ten minutes; something asks for new ones too often.")
    {
        RetryAfter = retryAfter,
    };

    public static Failure WrongDataCentre(string asked, string found) => new(
        FailureKind.Precondition,
        "wrong_data_centre",
        $"This refresh token does not belong to Zoho's data centre {asked} but to {found}: connect with data_centre {found}.");

    public static Failure RefreshTokenInvalid(string dataCentre) => new(
        FailureKind.Precondition,
        "refresh_token_invalid",
        $"Zoho does not accept this refresh token in the data centre {dataCentre}: "
            + "it is wrong, was revoked, or belongs to another client_id.");
}
