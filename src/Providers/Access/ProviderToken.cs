namespace ZohoPlatform.Providers.Access;

/// <summary>A live access token, and what a call to the provider needs beside it.</summary>
/// <param name="ConnectionId">The connection that it belongs to.</param>
/// <param name="AccessToken">As the provider gave it.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="DataCentre">Where the account lives; empty for a provider that has no data centres.</param>
/// <param name="ApiDomain">Scheme and host of the product APIs.</param>
/// <param name="OrganizationIds">Organisations that the product calls are for, as far as they are known.</param>
/// <param name="GrantedScopes">What the grant covers; empty where the provider did not say.</param>
/// <param name="AuthorizationScheme">How the product APIs want the token: the scheme of the Authorization header.</param>
/// <param name="AccountId">By whom the provider counts calls; empty where it is not known.</param>
/// <param name="AccountName">The same for people: who gave the grant, or the organisation that it names; empty where it is not known.</param>
/// <param name="Version">Grows whenever what was handed out before is out of date.</param>
public sealed record ProviderToken(
    string ConnectionId,
    string AccessToken,
    DateTimeOffset ExpiresAt,
    string DataCentre,
    string ApiDomain,
    IReadOnlyList<string> OrganizationIds,
    IReadOnlyList<string> GrantedScopes,
    string AuthorizationScheme,
    string AccountId,
    string AccountName,
    long Version)
{
    // the compiler's own would print the token
    public override string ToString() => $"token of {ConnectionId}, version {Version}";
}
