namespace ZohoPlatform.Providers.Access;

/// <summary>What came of a report that a token was refused.</summary>
/// <param name="Token">The one to use from now on.</param>
/// <param name="IsAccepted">
/// The provider accepts the refused token elsewhere: what it refused is the operation, because the grant does not cover it or its user may not.
/// </param>
public sealed record ReplacedToken(ProviderToken Token, bool IsAccepted);
