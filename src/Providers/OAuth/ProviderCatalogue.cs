using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>The providers that there are, by name. Whoever stands on it knows none of them.</summary>
public sealed class ProviderCatalogue
{
    private readonly Dictionary<string, OAuthProvider> _byName;
    private readonly Dictionary<string, OAuthProvider> _byFeature;

    /// <param name="providers">Those that are registered, in that order.</param>
    /// <exception cref="ArgumentException">Two have a name in common, or a feature.</exception>
    public ProviderCatalogue(IEnumerable<OAuthProvider> providers)
    {
        All = [.. providers];
        _byName = All.ToDictionary(provider => provider.Name, StringComparer.Ordinal);
        _byFeature = All.SelectMany(provider => provider.Features, (provider, feature) => (feature.Name, Provider: provider))
            .ToDictionary(feature => feature.Name, feature => feature.Provider, StringComparer.Ordinal);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<OAuthProvider> All { get; }

    /// <summary>The provider that a row names.</summary>
    /// <exception cref="InvalidOperationException">It is registered no more.</exception>
    public OAuthProvider this[string name] =>
        _byName.TryGetValue(name, out var provider)
            ? provider
            : throw new InvalidOperationException($"There are rows of the provider {name}, which is not registered.");

    /// <summary>The provider that a request names; <c>invalid_field</c> names those that there are.</summary>
    public Result<OAuthProvider> Find(string name) =>
        _byName.TryGetValue(name, out var provider)
            ? provider
            : Failure.InvalidField("provider", $"provider must be {string.Join(" or ", _byName.Keys)}.");

    /// <summary>Whose connections have the feature that a request names; <c>invalid_field</c> names those that there are.</summary>
    public Result<OAuthProvider> OfFeature(string feature) =>
        _byFeature.TryGetValue(feature, out var provider)
            ? provider
            : Failure.InvalidField("feature", $"feature must be one of {string.Join(", ", _byFeature.Keys)}.");
}
