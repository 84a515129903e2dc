namespace ZohoPlatform.Client.AccessTokens;

/// <summary>Where a token may go: to its own provider, in its own data centre, and to nobody else.</summary>
internal static class TokenAddresses
{
    private const string ZohoApi = "www.zohoapis.";

    /// <param name="apiDomain">The connection's, as the gateway says it.</param>
    /// <param name="address">Where a call goes.</param>
    public static bool Contain(string apiDomain, Uri address)
    {
        if (!Uri.TryCreate(apiDomain, UriKind.Absolute, out var api))
        {
            return false;
        }

        // a provider that is played on this machine
        if (api.IsLoopback)
        {
            return address.IsLoopback;
        }

        if (address.Scheme != Uri.UriSchemeHttps)
        {
            return false;
        }

        return address.Authority == api.Authority
            || (api.Host.StartsWith(ZohoApi, StringComparison.Ordinal) && address.IsDefaultPort && IsZohos(address.Host, api.Host[ZohoApi.Length..]));
    }

    // the products' own hosts: campaigns.zoho.eu, www.zohoapis.com.au; Canada's are on zohocloud.ca, and zoho.ca is not Zoho's
    private static bool IsZohos(string host, string ending) =>
        host.EndsWith($".zohoapis.{ending}", StringComparison.Ordinal)
        || host.EndsWith(ending == "ca" ? ".zohocloud.ca" : $".zoho.{ending}", StringComparison.Ordinal);
}
