using ZohoPlatform.Contracts.Common.V1;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>Whose flow an endpoint is: stands in its metadata, and an endpoint takes it as a parameter.</summary>
internal sealed record OAuthProvider(Provider Provider, string Name, string Prefix)
{
    public static readonly OAuthProvider Zoho = new(Provider.Zoho, "Zoho", "/api/v1/crm/zoho");
    public static readonly OAuthProvider HubSpot = new(Provider.Hubspot, "HubSpot", "/api/v1/crm/hubspot");

    public string BeginPath => $"{Prefix}/oauth";

    public string CallbackPath => $"{Prefix}/callback";

    public static ValueTask<OAuthProvider?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.GetEndpoint()?.Metadata.GetMetadata<OAuthProvider>());
}
