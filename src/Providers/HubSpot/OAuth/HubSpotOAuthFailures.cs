using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.HubSpot.OAuth;

/// <summary>
/// Every way in which HubSpot's OAuth endpoints say no (HubSpot, "Manage OAuth tokens"). The codes are those of Zoho Accounts where they
/// mean the same. Only <see cref="GrantRevoked"/> is final.
/// </summary>
public static class HubSpotOAuthFailures
{
    /// <summary>On a refresh: the refresh token is wrong, was revoked, or the app was uninstalled (<c>BAD_REFRESH_TOKEN</c>).</summary>
    public static readonly Failure GrantRevoked = new(
        FailureKind.Precondition,
        "grant_revoked",
        "HubSpot no longer accepts this connection: the app was uninstalled from the account, or the grant was taken back. Connect it "
        + "again.");

    /// <summary>On an exchange: a code can be used once, and not for long (<c>BAD_AUTH_CODE</c>).</summary>
    public static readonly Failure GrantCodeInvalid = new(
        FailureKind.Precondition,
        "grant_code_invalid",
        "HubSpot does not accept this code: it is wrong, was used before or has expired. Begin again with a new one.");

    /// <summary><c>BAD_CLIENT_ID</c>.</summary>
    public static readonly Failure ClientRefused = new(
        FailureKind.Precondition,
        "client_refused",
        "HubSpot does not know the client id: copy it from the app's Auth page in HubSpot to the integration settings.");

    /// <summary><c>BAD_CLIENT_SECRET</c>.</summary>
    public static readonly Failure ClientSecretRefused = new(
        FailureKind.Precondition,
        "client_secret_refused",
        "HubSpot refuses the client secret: copy it from the app's Auth page in HubSpot to the integration settings.");

    /// <summary><c>BAD_REDIRECT_URI</c>.</summary>
    public static readonly Failure RedirectUriRefused = new(
        FailureKind.Precondition,
        "redirect_uri_refused",
        "HubSpot refuses the redirect URI: add this platform's callback address to the app's Auth page in HubSpot, exactly as it is "
        + "configured here.");

    /// <summary>The person refused on the consent page.</summary>
    public static readonly Failure AccessDenied = new(
        FailureKind.Precondition, "access_denied", "Access was refused in HubSpot. Connect again and accept.");

    /// <summary><c>MISSING_SCOPES</c>.</summary>
    public static readonly Failure ScopeRefused = new(
        FailureKind.Precondition,
        "scope_refused",
        "HubSpot refuses the scopes: add crm.objects.contacts.read, crm.objects.contacts.write and oauth to the app's Auth page in "
        + "HubSpot, then connect again with an account that has them.");

    /// <summary>Too many calls. HubSpot does not always say for how long.</summary>
    public static readonly Failure Throttled = new(
        FailureKind.RateLimited,
        "hubspot_throttled",
        "HubSpot takes no more calls of this app for a moment: ten seconds usually end that.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    public static readonly Failure Unavailable = new(
        FailureKind.Unavailable, "hubspot_oauth_unavailable", "HubSpot does not answer as it should.");

    /// <summary>The access token opens nothing: expired, or its grant is gone.</summary>
    public static readonly Failure AccessTokenRefused = new(
        FailureKind.Forbidden, "access_token_refused", "HubSpot does not accept the connection's access token.");

    /// <summary>An error that HubSpot's pages do not list. Nothing is known about it, so nothing final follows from it.</summary>
    /// <param name="word">HubSpot's word for it; repeated only where it looks like one.</param>
    public static Failure Refused(string word) => new(
        FailureKind.Unavailable,
        "hubspot_oauth_refused",
        word.Length <= 40 && word.All(c => char.IsAsciiLetter(c) || c == '_')
            ? $"HubSpot refused the request with the error {word}."
            : "HubSpot refused the request without a reason that the platform knows.");
}
