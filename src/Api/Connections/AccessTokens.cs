using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Connections;

/// <summary>A live access token of a connection, with what a call to the provider needs beside it.</summary>
/// <param name="Token">Sent to the provider as <c>Authorization: {authorization_scheme} {token}</c>. A secret.</param>
/// <param name="AuthorizationScheme">How the provider's product APIs want the token: Zoho-oauthtoken, Bearer.</param>
/// <param name="ExpiresAt">Ask again then, and not before.</param>
/// <param name="ApiDomain">Scheme and host of the provider's product APIs.</param>
/// <param name="DataCentre">us, eu, in, au, jp, cn, ca, sa, uk, ae or sg; absent for HubSpot.</param>
/// <param name="OrganizationIds">Of Books and Inventory, or the HubSpot portal, as far as they are known.</param>
/// <param name="GrantedScopes">What the token can do: all that its grant covers. Empty where the provider did not say.</param>
public sealed record AccessToken(
    [property: JsonPropertyName("access_token")] string Token,
    string AuthorizationScheme,
    DateTimeOffset ExpiresAt,
    string ApiDomain,
    string? DataCentre,
    IReadOnlyList<string> OrganizationIds,
    IReadOnlyList<string> GrantedScopes)
{
    public IReadOnlyList<string> OrganizationIds { get; init; } = OrganizationIds ?? [];

    public IReadOnlyList<string> GrantedScopes { get; init; } = GrantedScopes ?? [];

    // a record prints its members: the token is a secret
    public override string ToString() => $"{nameof(AccessToken)} until {ExpiresAt:O}";
}

/// <summary>A token that the provider answered 401 to.</summary>
/// <param name="TokenSha256">Its SHA-256 in 64 lower-case hex digits: the token itself is not sent back.</param>
public sealed record RejectedToken(string TokenSha256);

/// <summary>What became of a rejected token.</summary>
/// <param name="Replaced">True where this report made it be replaced, false where it was already: ask for a token again either way.</param>
/// <param name="Accepted">
/// True where the provider accepts the token all the same and nothing was replaced: what it refused is the operation, whose scope the grant lacks or
/// which its user may not do.
/// </param>
public sealed record RejectedTokenAnswer(bool Replaced, bool Accepted);
