using System.Net;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.HubSpot.OAuth;

/// <summary>
/// Reads what HubSpot's OAuth endpoints answered. Names come in snake case, and in camel case as HubSpot's reference of the newer endpoints
/// shows them.
/// </summary>
internal static class HubSpotOAuthAnswer
{
    // no access token lives for a day
    private const long LongestLifeInSeconds = 24 * 60 * 60;

    // of a portal that is on its way to another data centre HubSpot may say a day; asking every hour does no harm
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    // HubSpot's own statuses: locked, and the portal is being moved
    private const HttpStatusCode PortalMoves = (HttpStatusCode)477;

    /// <summary>The grant, or null where the answer is not one: it must hold a token and how long that lives.</summary>
    public static TokenGrant? ReadGrant(JsonElement answer) =>
        Text(answer, "access_token", "accessToken") is { } accessToken && ReadLife(answer) is { } life
            ? new TokenGrant(
                accessToken,
                Text(answer, "refresh_token", "refreshToken"),
                life,
                ReadScopes(answer),
                HubSpotHosts.ApiDomain,
                ReadHubId(answer))
            : null;

    /// <summary>What is said of a token; null where it is not valid, or the portal is not named.</summary>
    public static HubSpotToken? ReadToken(JsonElement answer) =>
        answer.Property("active") is not { ValueKind: JsonValueKind.False } && ReadHubId(answer) is { } hubId
            ? new HubSpotToken(hubId, ReadScopes(answer), answer.Text("user"))
            : null;

    /// <summary>What a refusal means. <paramref name="grantRefused"/> is what an <c>invalid_grant</c> without a status is.</summary>
    public static Failure ReadRefusal(ProviderAnswer answer, Failure grantRefused)
    {
        if (answer.IsTransient || answer.Status is HttpStatusCode.Locked or PortalMoves)
        {
            return After(HubSpotOAuthFailures.Unavailable, answer);
        }

        if (answer.Status is HttpStatusCode.TooManyRequests)
        {
            return After(HubSpotOAuthFailures.Throttled, answer);
        }

        if (ProviderJson.ParseObject(answer.Body) is not { } body)
        {
            return HubSpotOAuthFailures.Unavailable;
        }

        // an envelope of HubSpot's other APIs has status "error" and its reason in the category
        var status = body.Text("status") is { } word && !string.Equals(word, "error", StringComparison.OrdinalIgnoreCase)
            ? word
            : body.Text("category") ?? body.Text("errorType");
        return (status?.ToUpperInvariant(), body.Text("error")) switch
        {
            ("BAD_REFRESH_TOKEN", _) => HubSpotOAuthFailures.GrantRevoked,
            ("BAD_AUTH_CODE", _) => HubSpotOAuthFailures.GrantCodeInvalid,
            ("BAD_CLIENT_ID", _) => HubSpotOAuthFailures.ClientRefused,
            ("BAD_CLIENT_SECRET", _) => HubSpotOAuthFailures.ClientSecretRefused,
            ("BAD_REDIRECT_URI", _) => HubSpotOAuthFailures.RedirectUriRefused,
            ("MISSING_SCOPES", _) => HubSpotOAuthFailures.ScopeRefused,
            ("RATE_LIMIT" or "RATE_LIMITS", _) => After(HubSpotOAuthFailures.Throttled, answer),
            (null, "invalid_grant") => grantRefused,
            (null, "invalid_client") => HubSpotOAuthFailures.ClientRefused,
            (null, "invalid_scope") => HubSpotOAuthFailures.ScopeRefused,
            (null, null) or ("INTERNAL" or "INTERNAL_ERROR", _) => HubSpotOAuthFailures.Unavailable,
            ({ } unknown, _) => HubSpotOAuthFailures.Refused(unknown),
            (_, { } unknown) => HubSpotOAuthFailures.Refused(unknown),
        };
    }

    private static Failure After(Failure failure, ProviderAnswer answer) => answer.RetryAfter is { } wait
        ? failure with { RetryAfter = wait < LongestWait ? wait : LongestWait }
        : failure;

    private static string? ReadHubId(JsonElement answer) => Text(answer, "hub_id", "hubId") is { } id && id.All(char.IsAsciiDigit) ? id : null;

    // a list in HubSpot's own answers, one text as in OAuth elsewhere
    private static string[] ReadScopes(JsonElement answer) => (answer.Property("scopes") ?? answer.Property("scope")) switch
    {
        { ValueKind: JsonValueKind.Array } list =>
            [.. list.EnumerateArray().Where(scope => scope.ValueKind is JsonValueKind.String).Select(scope => scope.GetString()!)],
        { ValueKind: JsonValueKind.String } text => text.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        _ => [],
    };

    private static TimeSpan? ReadLife(JsonElement answer) =>
        (answer.Number("expires_in") ?? answer.Number("expiresIn")) is > 0 and <= LongestLifeInSeconds and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string? Text(JsonElement answer, string snakeCase, string camelCase) => answer.Text(snakeCase) ?? answer.Text(camelCase);
}
