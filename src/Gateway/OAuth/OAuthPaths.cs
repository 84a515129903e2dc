namespace ZohoPlatform.Gateway.OAuth;

/// <summary>Where a provider's flow begins and ends. The provider is a name here: the token service says whether there is one.</summary>
internal static class OAuthPaths
{
    public const string Begin = "/api/v1/crm/{provider:alpha}/oauth";
    public const string One = "/api/v1/crm/{provider:alpha}/oauth/{id}";
    public const string Callback = "/api/v1/crm/{provider:alpha}/callback";
    public const string Pages = "/connect";
    public const string Page = Pages + "/{link}";
    public const string GoOn = Page + "/provider";
    public const string Others = Pages + "/{**rest}";

    /// <summary>What begin and callback begin with.</summary>
    public static string PrefixOf(string provider) => $"/api/v1/crm/{provider}";

    /// <summary>Whether there is something under <see cref="Pages"/> for what <see cref="Others"/> met.</summary>
    public static bool IsPage(string? rest) => rest?.Split('/') is [{ Length: > 0 }] or [{ Length: > 0 }, "provider"];

    public static string PageOf(string link) => $"/connect/{link}";

    public static string GoOnOf(string link) => $"/connect/{link}/provider";

    public static string CallbackOf(string provider) => $"{PrefixOf(provider)}/callback";
}
