using System.Text.RegularExpressions;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>What both ways to connect, the consent page and an existing grant, ask for in the same words.</summary>
/// <param name="Provider">Where to.</param>
/// <param name="Features">What for, in the provider's order; empty where nothing was asked for.</param>
/// <param name="DataCentre">Where the client is registered; empty where the settings say it.</param>
/// <param name="Owner">For whom.</param>
/// <param name="ExtraScopes">Beside those of the features.</param>
internal sealed partial record GrantRequest(
    OAuthProvider Provider, IReadOnlyList<string> Features, string DataCentre, string Owner, IReadOnlyList<string> ExtraScopes)
{
    private const int MostExtraScopes = 50;
    private const string UsualOwner = "company";

    public static Result<GrantRequest> Read(
        ProviderCatalogue providers,
        string name,
        IReadOnlyCollection<string> features,
        string dataCentre,
        string owner,
        IReadOnlyCollection<string> extraScopes)
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
            return Failure.InvalidField("owner", $"owner must be {OwnerName.Rule}.");
        }

        if (extraScopes.Count > MostExtraScopes || !extraScopes.All(scope => Scope().IsMatch(scope)))
        {
            return Failure.InvalidField(
                "extra_scopes",
                $"extra_scopes must be at most {MostExtraScopes} scopes as {provider.Title} writes them, such as {provider.Features[0].Scopes[0]}.");
        }

        return new GrantRequest(
            provider,
            [.. provider.InOrder(features).Select(feature => feature.Name)],
            dataCentre,
            owner.Length == 0 ? UsualOwner : owner,
            [.. extraScopes.Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>What for, or <paramref name="usual"/> where nothing was asked for.</summary>
    public IReadOnlyList<string> FeaturesOr(IEnumerable<ProviderFeature> usual) =>
        Features.Count > 0 ? Features : [.. usual.Select(feature => feature.Name)];

    /// <summary>Where the client is asked for.</summary>
    public ProviderPlace PlaceIn(ProviderSettings settings) => Provider.PlaceOf(DataCentre.Length > 0 ? DataCentre : settings.Region);

    // no comma and no space: those stand between two of them
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9._-]{1,99}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scope();
}
