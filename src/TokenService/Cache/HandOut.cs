using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Cache;

/// <summary>A live access token and what its user needs beside it.</summary>
/// <param name="accessToken">As the provider gave it.</param>
/// <param name="expiresAt">By this service's clock.</param>
/// <param name="version">The connection's version that it belongs to.</param>
/// <param name="apiDomain">Scheme and host of the product APIs.</param>
/// <param name="dataCentre">Where the account lives.</param>
/// <param name="authorizationScheme">How the product APIs want the token.</param>
/// <param name="organizationIds">Organisations that the product calls are for, as far as they are known.</param>
/// <param name="grantedScopes">What the grant covers; empty where the provider did not say.</param>
/// <param name="accountId">By whom the provider counts calls; empty where it is not known.</param>
/// <param name="accountName">The same for people.</param>
internal sealed class HandOut(
    string accessToken,
    DateTimeOffset expiresAt,
    long version,
    string apiDomain,
    string dataCentre,
    string authorizationScheme,
    IReadOnlyList<string> organizationIds,
    IReadOnlyList<string> grantedScopes,
    string accountId,
    string accountName)
{
    private GetAccessTokenResponse? _answer;

    public string AccessToken => accessToken;

    public DateTimeOffset ExpiresAt => expiresAt;

    public long Version => version;

    public string ApiDomain => apiDomain;

    public string DataCentre => dataCentre;

    public string AuthorizationScheme => authorizationScheme;

    public IReadOnlyList<string> OrganizationIds => organizationIds;

    public IReadOnlyList<string> GrantedScopes => grantedScopes;

    public string AccountId => accountId;

    public string AccountName => accountName;

    /// <summary>As callers get it: one message for all of them, which nobody changes.</summary>
    /// <param name="connection">The one whose token it is, always the same.</param>
    public GetAccessTokenResponse AnswerOf(Guid connection) => _answer ??= new GetAccessTokenResponse
    {
        AccessToken = accessToken,
        ExpiresAt = expiresAt.ToTimestamp(),
        ApiDomain = apiDomain,
        DataCentre = dataCentre,
        OrganizationIds = { organizationIds },
        ConnectionId = connection.ToString(),
        GrantedScopes = { grantedScopes },
        Version = version,
        AuthorizationScheme = authorizationScheme,
        AccountId = accountId,
        AccountName = accountName,
    };

    public bool IsValidAt(DateTimeOffset moment) => expiresAt > moment;
}
