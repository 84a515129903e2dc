using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>What a connection can be used for.</summary>
/// <param name="Name">As requests and answers have it: <c>campaigns</c>. No other provider has a feature of that name.</param>
/// <param name="Scopes">The OAuth scopes of the operations that it is made of, and no more.</param>
/// <param name="Work">What stops for a tenant when nothing serves it, for people: <c>registrations, syncs, lists and reports</c>.</param>
public sealed record ProviderFeature(string Name, IReadOnlyList<string> Scopes, string Work)
{
    /// <summary>What is answered until the tenant's settings switch the feature on; null for one that needs no switch.</summary>
    public Failure? SwitchedOff { get; init; }
}
