namespace ZohoPlatform.Simulator.Accounts;

/// <summary>How a call shows its access token: <c>Zoho-oauthtoken</c>, or <c>Bearer</c>, which every product takes too.</summary>
internal static class ProductToken
{
    public static string? Read(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.Split(' ', 2) is ["Zoho-oauthtoken" or "Bearer", { Length: > 0 } token] ? token.Trim() : null;
    }
}
