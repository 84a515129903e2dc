namespace ZohoPlatform.Gateway.OAuth;

/// <summary>Where a provider's flow begins and ends. The provider is a name here: the token service says whether there is one.</summary>
internal static class OAuthPaths
{
    public const string Begin = "/api/v1/crm/{provider:alpha}/oauth";
    public const string Callback = "/api/v1/crm/{provider:alpha}/callback";

    /// <summary>What both begin with.</summary>
    public static string PrefixOf(string provider) => $"/api/v1/crm/{provider}";

    public static string BeginOf(string provider) => $"{PrefixOf(provider)}/oauth";

    public static string CallbackOf(string provider) => $"{PrefixOf(provider)}/callback";
}
