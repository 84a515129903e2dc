using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>
/// A random value in the browser that begins the flow. The state holds its hash, so a callback link that was sent to somebody else connects
/// nothing.
/// </summary>
internal static class BrowserCookie
{
    public const string Name = "zp_oauth";

    /// <summary>A new one and its hash.</summary>
    public static (string Value, string Sha256) New()
    {
        var value = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        return (value, Hash(value));
    }

    public static void Set(HttpContext context, string provider, string value) =>
        context.Response.Cookies.Append(Name, value, Options(context, provider, OAuthStartLinks.Life));

    /// <summary>Takes the cookie away from the browser and returns its hash; null where there is none.</summary>
    public static string? Take(HttpContext context, string provider)
    {
        if (context.Request.Cookies[Name] is not { Length: > 0 } value)
        {
            return null;
        }

        context.Response.Cookies.Delete(Name, Options(context, provider, null));
        return Hash(value);
    }

    private static CookieOptions Options(HttpContext context, string provider, TimeSpan? life) => new()
    {
        Path = OAuthPaths.PrefixOf(provider),
        HttpOnly = true,
        // Lax: the provider's redirect back is a top-level navigation from another site
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        MaxAge = life,
        IsEssential = true,
    };

    private static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
