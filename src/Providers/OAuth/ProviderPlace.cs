namespace ZohoPlatform.Providers.OAuth;

/// <summary>Where grants of a provider live: one of its data centres, or the one place of a provider that has none to choose.</summary>
/// <param name="Provider">Whose place it is.</param>
/// <param name="Code">The data centre's name; empty for a provider without.</param>
/// <param name="ApiDomain">Where the product APIs are, unless the provider's answer or the settings name another.</param>
public sealed record ProviderPlace(OAuthProvider Provider, string Code, string ApiDomain)
{
    /// <summary>For sentences: <c>Zoho (eu)</c>, <c>HubSpot</c>.</summary>
    public override string ToString() => Code.Length == 0 ? Provider.Title : $"{Provider.Title} ({Code})";
}
