using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>
/// A random value in the browser that begins a flow, with who began it. The state holds its hash, so a callback link that was sent to
/// somebody else connects nothing. Each flow has its own: two that are begun in one browser do not end each other.
/// </summary>
internal static class BrowserCookie
{
    private const string Prefix = "zp_oauth_";
    private const string SeenPrefix = "zp_connect_";
    private const int NameDigits = 16;

    // ten minutes for a person to sign in, choose an organisation and consent; an hour in which the last page can be loaded again
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(70);

    /// <summary>A new one and its hash.</summary>
    /// <param name="beganBy"><see cref="ConnectLinks.SealBeginner"/>.</param>
    public static (string Value, string Sha256) New(string beganBy)
    {
        var value = $"{WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32))}.{beganBy}";
        return (value, Hash(value));
    }

    /// <summary>For the browser that is sent to this page of the provider.</summary>
    public static void Set(HttpContext context, string provider, Uri consent, string value)
    {
        var state = QueryHelpers.ParseQuery(consent.Query)["state"].ToString();
        context.Response.Cookies.Append(NameOf(state), value, Options(context, OAuthPaths.PrefixOf(provider), SameSiteMode.Lax));
    }

    /// <summary>Says that this browser was shown the page of a link. Another site's link to what is behind it does not bring it along.</summary>
    public static void SetSeen(HttpContext context, string link) =>
        context.Response.Cookies.Append(SeenPrefix + Hash(link)[..NameDigits], "1", Options(context, OAuthPaths.Pages, SameSiteMode.Strict));

    public static bool HasSeen(HttpContext context, string link) => context.Request.Cookies.ContainsKey(SeenPrefix + Hash(link)[..NameDigits]);

    /// <summary>Its hash and who began; null where the browser has none for this state.</summary>
    public static (string Sha256, string BeganBy)? Read(HttpContext context, string state) =>
        context.Request.Cookies[NameOf(state)]?.Split('.', 2) is [var random, var beganBy] ? (Hash($"{random}.{beganBy}"), beganBy) : null;

    /// <summary>Of the flow that has this state.</summary>
    public static string NameOf(string state) => Prefix + Hash(state)[..NameDigits];

    // Lax where the provider's redirect back must bring it: that is a top-level navigation from another site
    private static CookieOptions Options(HttpContext context, string path, SameSiteMode sameSite) => new()
    {
        Path = path,
        HttpOnly = true,
        SameSite = sameSite,
        Secure = context.RequestServices.GetRequiredService<IOptions<GatewayOptions>>().Value.IsHttps,
        MaxAge = Life,
        IsEssential = true,
    };

    public static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
