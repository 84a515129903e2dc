using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>What both ways to connect, the consent page and an existing grant, ask for in the same words.</summary>
/// <param name="Provider">Where to.</param>
/// <param name="Features">What for, in the provider's order; its first where nothing was asked for.</param>
/// <param name="DataCentre">Where the client is registered; empty where the settings say it.</param>
/// <param name="Owner">For whom.</param>
internal sealed record GrantRequest(OAuthProvider Provider, IReadOnlyList<string> Features, string DataCentre, string Owner)
{
    private const string UsualOwner = "company";

    public static Result<GrantRequest> Read(
        ProviderCatalogue providers, string name, IReadOnlyCollection<string> features, string dataCentre, string owner)
    {
        if (!providers.Find(name).Succeeded(out var provider, out var unknown))
        {
            return unknown;
        }

        if (features.Any(feature => provider.FindFeature(feature) is null))
        {
            return Failure.InvalidField(
                "features", $"features of {provider.Title} are {string.Join(", ", provider.Features.Select(feature => feature.Name))}.");
        }

        if (!provider.HasDataCentres && dataCentre.Length > 0)
        {
            return Failure.InvalidField("data_centre", $"data_centre must be empty for {provider.Title}, which has none to choose.");
        }

        if (dataCentre.Length > 0 && provider.FindPlace(dataCentre) is null)
        {
            return Failure.InvalidField(
                "data_centre", $"data_centre must be one of {string.Join(", ", provider.Places.Select(place => place.Code))}.");
        }

        if (owner.Length > 0 && !OwnerName.IsOne(owner))
        {
            return Failure.InvalidField("owner", $"owner must be a name or an address of at most {OwnerName.Longest} characters.");
        }

        var wanted = features.Count == 0 ? [provider.Features[0].Name] : features;
        return new GrantRequest(
            provider,
            [.. provider.InOrder(wanted).Select(feature => feature.Name)],
            dataCentre,
            owner.Length == 0 ? UsualOwner : owner);
    }

    /// <summary>Where the client is asked for.</summary>
    public ProviderPlace PlaceIn(ProviderSettings settings) => Provider.PlaceOf(DataCentre.Length > 0 ? DataCentre : settings.Region);
}
