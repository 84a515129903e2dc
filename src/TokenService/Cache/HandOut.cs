using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>A live access token and what its user needs beside it.</summary>
/// <param name="AccessToken">As the provider gave it.</param>
/// <param name="ExpiresAt">By this service's clock.</param>
/// <param name="Version">The connection's version that it belongs to.</param>
/// <param name="ApiDomain">Scheme and host of the product APIs.</param>
/// <param name="DataCentre">Where the account lives.</param>
/// <param name="AuthorizationScheme">How the product APIs want the token.</param>
/// <param name="OrganizationIds">Organisations that the product calls are for, as far as they are known.</param>
/// <param name="GrantedScopes">What the grant covers; empty where the provider did not say.</param>
internal sealed record HandOut(
    string AccessToken,
    DateTimeOffset ExpiresAt,
    long Version,
    string ApiDomain,
    string DataCentre,
    string AuthorizationScheme,
    IReadOnlyList<string> OrganizationIds,
    IReadOnlyList<string> GrantedScopes)
{
    private GetAccessTokenResponse? _answer;

    /// <summary>As callers get it: one message for all of them, which nobody changes.</summary>
    /// <param name="connection">The one whose token it is.</param>
    public GetAccessTokenResponse AnswerOf(Guid connection) => _answer ??= new GetAccessTokenResponse
    {
        AccessToken = AccessToken,
        ExpiresAt = ExpiresAt.ToTimestamp(),
        ApiDomain = ApiDomain,
        DataCentre = DataCentre,
        OrganizationIds = { OrganizationIds },
        ConnectionId = connection.ToString(),
        GrantedScopes = { GrantedScopes },
        Version = Version,
        AuthorizationScheme = AuthorizationScheme,
    };

    public bool IsValidAt(DateTimeOffset moment) => ExpiresAt > moment;

    // the compiler's own would print the token
    public override string ToString() => $"token of version {Version} until {ExpiresAt:O}";
}
