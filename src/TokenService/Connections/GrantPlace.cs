using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Providers.HubSpot;
using ZohoPlatform.Providers.Zoho;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>Where a grant lives: the provider and, at Zoho, the data centre of the person's account.</summary>
/// <param name="Provider">Zoho or HubSpot.</param>
/// <param name="DataCentre">Null exactly for HubSpot, which has one host for all of its data centres.</param>
internal sealed record GrantPlace(Provider Provider, DataCentre? DataCentre)
{
    public static readonly GrantPlace HubSpot = new(Provider.Hubspot, null);

    /// <summary>As a row names it; at HubSpot whatever <paramref name="dataCentre"/> says.</summary>
    public static GrantPlace Of(Provider provider, string dataCentre) =>
        provider is Provider.Hubspot ? HubSpot : At(DataCentres.Find(dataCentre)!);

    public static GrantPlace Of(ConnectionRow row) => Of(row.Provider, row.DataCentre);

    public static GrantPlace At(DataCentre dataCentre) => new(Provider.Zoho, dataCentre);

    /// <summary>The data centre's name; empty for HubSpot.</summary>
    public string Code => DataCentre?.Code ?? "";

    /// <summary>Where the product APIs are, unless the provider's answer or the settings name another.</summary>
    public string ApiDomain => DataCentre?.ApiDomain ?? HubSpotHosts.ApiDomain;

    /// <summary>For sentences: <c>Zoho (eu)</c>, <c>HubSpot</c>.</summary>
    public override string ToString() => DataCentre is null ? Provider.Title : $"{Provider.Title} ({Code})";
}

internal static class ProviderNames
{
    extension(Provider provider)
    {
        /// <summary>As the provider writes itself.</summary>
        public string Title => provider is Provider.Hubspot ? "HubSpot" : "Zoho";

        /// <summary>In ids and the audit.</summary>
        public string Key => provider is Provider.Hubspot ? "hubspot" : "zoho";
    }
}
