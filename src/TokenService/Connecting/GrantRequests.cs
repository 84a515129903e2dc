using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>What both ways to connect, the consent page and an existing grant, ask for in the same words.</summary>
internal static class GrantRequests
{
    private const string UsualOwner = "company";
    private const int LongestOwner = 254;

    public static string OwnerOf(string owner) => owner.Length == 0 ? UsualOwner : owner;

    public static Failure? Check(Provider provider, IReadOnlyCollection<Feature> features, string dataCentre, string owner)
    {
        if (provider is not (Provider.Zoho or Provider.Hubspot))
        {
            return Failure.InvalidField("provider", "provider must be zoho or hubspot.");
        }

        if (features.Count == 0 || !features.All(feature => Scopes.IsOffered(provider, feature)))
        {
            return Failure.InvalidField(
                "features",
                provider is Provider.Zoho
                    ? "features must name one or more of campaigns, crm, books, inventory, invoice for Zoho."
                    : "features must be hubspot_contacts for HubSpot.");
        }

        if (provider is Provider.Hubspot && dataCentre.Length > 0)
        {
            return Failure.InvalidField("data_centre", "data_centre must be empty for HubSpot, which has none to choose.");
        }

        if (dataCentre.Length > 0 && DataCentres.Find(dataCentre) is null)
        {
            return Failure.InvalidField(
                "data_centre", $"data_centre must be one of {string.Join(", ", DataCentres.All.Select(known => known.Code))}.");
        }

        return owner.Length > LongestOwner || owner.Any(char.IsControl) || owner != owner.Trim()
            ? Failure.InvalidField("owner", $"owner must be a name or an address of at most {LongestOwner} characters.")
            : null;
    }
}
