namespace ZohoPlatform.Providers.OAuth;

/// <summary>A person as a provider knows them.</summary>
/// <param name="Id">The provider's.</param>
/// <param name="Name">For people: a mail address, or the id where none is known.</param>
public sealed record ProviderUser(string Id, string Name);
