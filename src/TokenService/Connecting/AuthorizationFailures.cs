using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>Every way in which the callback is refused here. What a provider says no to is in Providers.</summary>
internal static class AuthorizationFailures
{
    public static readonly Failure StateInvalid = new(
        FailureKind.Invalid, "state_invalid", "This callback does not belong to a connection that was begun here. Begin again.");

    public static readonly Failure StateExpired = new(
        FailureKind.Precondition, "state_expired", "More than ten minutes went by since the connection was begun. Begin again.");

    public static readonly Failure StateUsed = new(
        FailureKind.Conflict, "state_used", "This callback was used already. Look whether the connection is there, or begin again.");

    public static readonly Failure OtherBrowser = new(
        FailureKind.Forbidden, "state_other_browser", "The connection was begun in another browser. Begin and finish it in the same one.");

    public static Failure NotAuthorized(OAuthProvider provider) => new(
        FailureKind.Precondition,
        "authorization_failed",
        $"{provider.Title} ended the authorization with an error and connected nothing. Begin again.");

    public static Failure AccountsServerUnknown(OAuthProvider provider) => new(
        FailureKind.Invalid,
        "accounts_server_unknown",
        $"The callback names an accounts server that is none of {provider.Title}'s; nothing was sent there and nothing was connected.");
}
