using System.Net;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.OAuth;

namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>
/// Reads what Zoho Accounts answered, whose status says little: refusals come with 200, a throttle with 400 (or 200), its text translated
/// into the user's language.
/// </summary>
internal static class ZohoAccountsAnswer
{
    // old answers give expires_in in milliseconds; no access token lives for a day
    private const long LongestLifeInSeconds = 24 * 60 * 60;

    /// <summary>The answer's object, or null where it is a page, is cut off or comes from a server that is in trouble.</summary>
    public static JsonElement? ReadObject(ProviderAnswer answer) => answer.IsTransient ? null : ProviderJson.ParseObject(answer.Body);

    /// <summary>The grant, or null where the answer is not one: it must hold a token and how long that lives.</summary>
    public static TokenGrant? ReadGrant(JsonElement answer) =>
        answer.Text("access_token") is { } accessToken && ReadLife(answer) is { } life
            ? new TokenGrant(
                accessToken,
                answer.Text("refresh_token"),
                life,
                answer.Text("scope")?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) ?? [],
                DataCentres.FindByApiDomain(answer.Text("api_domain"))?.ApiDomain)
            : null;

    /// <summary>True for a throttle. Its <c>error</c> is translated, its <c>status</c> is not; a refusal has no <c>status</c>.</summary>
    public static bool IsThrottle(ProviderAnswer answer, JsonElement body) =>
        answer.Status is HttpStatusCode.TooManyRequests
        || string.Equals(body.Text("status"), "failure", StringComparison.Ordinal)
        || string.Equals(body.Text("error"), "Access Denied", StringComparison.Ordinal);

    // with expires_in_sec beside it, expires_in is in milliseconds; without it, in seconds today
    private static TimeSpan? ReadLife(JsonElement answer) => (answer.Number("expires_in_sec"), answer.Number("expires_in")) switch
    {
        ( > 0 and <= LongestLifeInSeconds and var seconds, _) => TimeSpan.FromSeconds(seconds),
        (_, > 0 and <= LongestLifeInSeconds and var seconds) => TimeSpan.FromSeconds(seconds),
        (_, > LongestLifeInSeconds and <= LongestLifeInSeconds * 1000 and var milliseconds) => TimeSpan.FromMilliseconds(milliseconds),
        _ => null,
    };
}
