namespace ZohoPlatform.Providers.Access;

/// <summary>Whether a tenant has a feature switched on.</summary>
/// <param name="IsOn">False: nothing is done at the provider for it.</param>
/// <param name="Since">When it was last switched on; null where it always was.</param>
public sealed record FeatureState(bool IsOn, DateTimeOffset? Since);
