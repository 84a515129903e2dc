namespace ZohoPlatform.Api.Settings;

/// <summary>
/// Which of two findings goes when the other is mended: then there is one thing to do. The gateway's tests and the command line's doctor fold
/// what they found by this.
/// </summary>
public static class FindingCauses
{
    // nothing can be connected while one of these stands
    private static readonly string[] NoClient = ["client_not_configured", "client_secret_missing"];
    private static readonly string[] NoConnection = ["not_connected", "connection_not_chosen"];

    // why a connection gets no new token: first said of the token at hand, and by a provider that is believed the second time only
    private static readonly string[] NoToken =
        ["client_refused", "client_secret_refused", "client_changed", "grant_refused_once", "grant_revoked"];
    private static readonly string[] OfToken = ["grant_refused_once", "grant_revoked", "zoho_token_refused"];

    /// <summary>Whether <paramref name="finding"/> is there because of <paramref name="cause"/>.</summary>
    /// <param name="cause">
    /// Its code, null where nothing is wrong or nobody said what; its connection and its module of a CRM, null where it is about none.
    /// </param>
    /// <param name="finding">The same of the other.</param>
    public static bool Explains(
        (string? Code, string? ConnectionId, string? Module) cause, (string? Code, string? ConnectionId, string? Module) finding) =>
        cause.Code is { } why && finding.Code is { } what
        && ((why == what || (Has(NoToken, why) && Has(OfToken, what)))
                && IsOfSame(cause.ConnectionId, finding.ConnectionId) && IsOfSame(cause.Module, finding.Module)
            || (Has(NoClient, why) && Has(NoConnection, what)));

    private static bool IsOfSame(string? one, string? other) => one is null || other is null || one == other;

    private static bool Has(string[] codes, string code) => codes.Contains(code, StringComparer.Ordinal);
}
