using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>
/// Every way in which Zoho Accounts says no (Zoho Accounts, "Token request: possible errors"). Only <see cref="GrantRevoked"/> is final.
/// </summary>
public static class ZohoAccountsFailures
{
    /// <summary>
    /// On a refresh: the refresh token is wrong, was revoked, or was pushed out by newer ones (Zoho keeps 20 for each user and client).
    /// </summary>
    public static readonly Failure GrantRevoked = new(
        FailureKind.Precondition,
        "grant_revoked",
        "Zoho no longer accepts this connection: its owner or Zoho took the grant back. Connect it again.");

    /// <summary>On an exchange: codes can be used once, and for two minutes or so.</summary>
    public static readonly Failure GrantCodeInvalid = new(
        FailureKind.Precondition,
        "grant_code_invalid",
        "Zoho does not accept this code: it is wrong, was used before or has expired. Begin again with a new one.");

    public static readonly Failure RedirectUriRefused = new(
        FailureKind.Precondition,
        "redirect_uri_refused",
        "Zoho refuses the redirect URI: add this platform's callback address, exactly as it is configured here, to the client's Authorized "
        + "Redirect URIs in the Zoho API console.");

    /// <summary>
    /// In a callback: the person refused. Zoho sends the same word back where the client has had its codes of ten minutes (Zoho CRM, "Token
    /// validity"), and nothing beside it tells the two apart.
    /// </summary>
    public static readonly Failure AccessDenied = new(
        FailureKind.Precondition,
        "access_denied",
        "Zoho gave no access. If you refused: connect again and accept. If you did accept, this client was used for too many sign-ins within ten "
        + "minutes, to which Zoho says the same: connect again after ten minutes.");

    /// <summary>
    /// Of a token request, <c>access_denied</c>: more than 10 codes in 10 minutes for one client (Zoho CRM, "Token validity"). Who refuses is sent
    /// back without anything to ask a token for.
    /// </summary>
    public static readonly Failure ClientThrottled = new(
        FailureKind.RateLimited,
        "zoho_client_throttled",
        "Zoho gives this client nothing more for a while, because it was used for too many sign-ins within ten minutes. Nobody refused: wait ten minutes.")
    {
        RetryAfter = TimeSpan.FromMinutes(10),
    };

    public static readonly Failure ScopeRefused = new(
        FailureKind.Precondition,
        "scope_refused",
        "Zoho refuses the scopes that were asked for: the account has no such product, or the client in the Zoho API console may not ask "
        + "for them.");

    /// <summary>
    /// More than 10 tokens in 10 minutes for one refresh token. Asking again makes it last longer; recorded throttles ended after 10 to 30
    /// minutes of silence. Zoho names no time.
    /// </summary>
    public static readonly Failure Throttled = new(
        FailureKind.RateLimited, "zoho_throttled", "Zoho gives this connection no more tokens for a while: after ten minutes without a request it may again.")
    {
        RetryAfter = TimeSpan.FromMinutes(10),
    };

    public static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "zoho_accounts_unavailable", "Zoho Accounts does not answer as it should.");

    /// <summary>The profile needs the scope <c>AaaServer.profile.READ</c>.</summary>
    public static readonly Failure ProfileNotGranted = new(
        FailureKind.Forbidden, "profile_not_granted", "The connection was made without access to the profile of its owner.");

    /// <summary>The same, where Zoho says that it knows the token and only the scope is missing.</summary>
    public static readonly Failure ProfileNotCovered = ProfileNotGranted with { Code = "profile_not_covered" };

    /// <summary>An unknown client id, or one that is known only in another data centre.</summary>
    public static Failure ClientRefused(DataCentre dataCentre) => new(
        FailureKind.Precondition,
        "client_refused",
        $"Zoho does not know the client id in the data centre {dataCentre.Code}: check the client id, and that the data centre is right and is "
            + "enabled for the client in the Zoho API console (Settings > Multi DC).");

    /// <summary>A client has a secret for each data centre, unless its console says that one serves all.</summary>
    public static Failure ClientSecretRefused(DataCentre dataCentre) => new(
        FailureKind.Precondition,
        "client_secret_refused",
        $"Zoho refuses the client secret in the data centre {dataCentre.Code}: copy the secret of this data centre from the client in the Zoho API "
            + "console.");

    /// <summary>An error that Zoho's pages do not list. Nothing is known about it, so nothing final follows from it.</summary>
    /// <param name="error">Zoho's word for it; repeated only where it looks like one.</param>
    public static Failure Refused(string error) => new(
        FailureKind.Unavailable,
        "zoho_accounts_refused",
        error.Length <= 40 && error.All(c => char.IsAsciiLetterLower(c) || c == '_')
            ? $"Zoho Accounts refused the request with the error {error}."
            : "Zoho Accounts refused the request without a reason that the platform knows.");
}
