using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>What a connection can be used for.</summary>
/// <param name="Name">As requests and answers have it: <c>campaigns</c>. No other provider has a feature of that name.</param>
/// <param name="Scopes">The OAuth scopes that it needs, and no more.</param>
public sealed record ProviderFeature(string Name, IReadOnlyList<string> Scopes)
{
    /// <summary>What is answered until the tenant's settings switch the feature on; null for one that needs no switch.</summary>
    public Failure? SwitchedOff { get; init; }
}
