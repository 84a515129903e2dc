namespace ZohoPlatform.Api.Settings;

/// <summary>
/// Why something does not work. Of two that were found the one may explain the other: then there is one thing to mend. The gateway's tests and
/// the command line's doctor fold what they found by this.
/// </summary>
/// <param name="Code">Machine-read; null where nothing is wrong, or nobody said what.</param>
/// <param name="ConnectionId">The connection that it is about; null where it is about none, or it is not known.</param>
public readonly record struct Cause(string? Code, string? ConnectionId)
{
    // nothing can be connected while one of these stands
    private static readonly string[] NoClient = ["client_not_configured", "client_secret_missing"];
    private static readonly string[] NoConnection = ["not_connected", "connection_not_chosen"];

    // why a connection gets no new token: first said of the token at hand, and by a provider that is believed the second time only
    private static readonly string[] NoToken =
        [.. NoClient, "client_refused", "client_secret_refused", "client_changed", "grant_refused_once", "grant_revoked"];
    private static readonly string[] OfToken = ["grant_refused_once", "grant_revoked", "zoho_token_refused"];

    /// <summary>Whether <paramref name="other"/> goes when this is mended.</summary>
    public bool Explains(Cause other) => Code is not null && other.Code is not null
        && (IsOfSame(other) && (Code == other.Code || (Is(NoToken) && other.Is(OfToken)))
            || (Is(NoClient) && other.Is(NoConnection)));

    private bool IsOfSame(Cause other) => ConnectionId is null || other.ConnectionId is null || ConnectionId == other.ConnectionId;

    private bool Is(string[] codes) => codes.Contains(Code, StringComparer.Ordinal);
}
