using ZohoPlatform.Api;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Connections;

internal static class FeatureNames
{
    /// <summary>The features named; where none is, Campaigns alone for Zoho and the contacts for HubSpot.</summary>
    public static Result<List<Feature>> Parse(IReadOnlyList<string> names, Provider provider)
    {
        var features = new List<Feature>(names.Count);
        foreach (var name in names)
        {
            if (!ApiName.TryParse<Feature>(name, out var feature))
            {
                return Failure.InvalidField("features", $"features may hold {string.Join(", ", ApiName.All<Feature>())}.");
            }

            features.Add(feature);
        }

        return features.Count == 0
            ? new List<Feature> { provider is Provider.Hubspot ? Feature.HubspotContacts : Feature.Campaigns }
            : features.Distinct().ToList();
    }
}
