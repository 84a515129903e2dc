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

    public static readonly Failure BeingFinished = new(
        FailureKind.Conflict, "authorization_being_finished", "This sign-in is being finished: load this page again in some seconds.");

    public static readonly Failure ConnectionGone = new(
        FailureKind.Conflict, "connection_gone", "What this sign-in connected was disconnected since. Begin again.");

    public static readonly Failure Broken = new(
        FailureKind.Precondition,
        "authorization_broken",
        "Something went wrong inside the platform while this sign-in was finished. Look whether the connection is there, or begin again.");

    public static readonly Failure NotFound = new(
        FailureKind.NotFound, "authorization_not_found", "There is no such sign-in, or it ended more than an hour ago. Begin again.");

    public static readonly Failure LinkUsed = new(
        FailureKind.Precondition,
        "link_used",
        "This link was opened already, and can be once. Go on in the browser where it was opened, or ask who gave it to you for a new one.");

    public static readonly Failure LinkExpired = new(
        FailureKind.Precondition,
        "link_expired",
        "This link is over: it can be opened within ten minutes. Ask who gave it to you for a new one.");

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
