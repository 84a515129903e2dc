using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Connections;

internal static class FeatureNames
{
    /// <summary>The features named; Campaigns alone where none is.</summary>
    public static Result<List<Feature>> Parse(IReadOnlyList<string> names)
    {
        var features = new List<Feature>(names.Count);
        foreach (var name in names)
        {
            if (!ApiNames.TryParse<Feature>(name, out var feature))
            {
                return Failure.InvalidField("features", $"features may hold {string.Join(", ", ApiNames.All<Feature>())}.");
            }

            features.Add(feature);
        }

        return features.Count == 0 ? new List<Feature> { Feature.Campaigns } : features.Distinct().ToList();
    }
}
