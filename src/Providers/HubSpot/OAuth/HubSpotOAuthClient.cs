using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.HubSpot.OAuth;

/// <summary>
/// HubSpot's OAuth endpoints: codes and refresh tokens in, access tokens of 30 minutes out. Calls the date-based endpoints, or v1 where
/// <see cref="HubSpotOptions.OAuthVersion"/> says so; parameters are always in the form body. Sends every call once and waits 10 s at most.
/// </summary>
/// <remarks>
/// Pass <see cref="CancellationToken.None"/> to an exchange and a refresh: HubSpot works on what it received even when nobody waits, and
/// what a cancelled one brings is lost, with it the next refresh token.
/// </remarks>
public sealed class HubSpotOAuthClient(HttpClient http, IOptions<HubSpotOptions> options)
{
    /// <summary>The time for one call.</summary>
    internal static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly string _version = options.Value.OAuthVersion;

    private bool IsV1 => _version == HubSpotOptions.V1;

    /// <summary>
    /// Turns a code of the callback into a grant. <paramref name="redirectUri"/> is as it was in the authorization request. v1 does not
    /// name the portal; <see cref="InspectAsync"/> does.
    /// </summary>
    public async Task<Result<TokenGrant>> ExchangeCodeAsync(
        string clientId, string clientSecret, string code, string redirectUri, CancellationToken cancellationToken) =>
        OneTimeCode.Of(await AskForTokenAsync(
            [
                new("grant_type", "authorization_code"),
                new("client_id", clientId),
                new("client_secret", clientSecret),
                new("redirect_uri", redirectUri),
                new("code", code),
            ],
            HubSpotOAuthFailures.GrantCodeInvalid,
            cancellationToken));

    /// <summary>
    /// A new access token for a refresh token, and the refresh token to use from now on. Fails with
    /// <see cref="HubSpotOAuthFailures.GrantRevoked"/> where the grant is gone.
    /// </summary>
    public Task<Result<TokenGrant>> RefreshAsync(
        string clientId, string clientSecret, string refreshToken, CancellationToken cancellationToken) =>
        AskForTokenAsync(
            [
                new("grant_type", "refresh_token"),
                new("client_id", clientId),
                new("client_secret", clientSecret),
                new("refresh_token", refreshToken),
            ],
            HubSpotOAuthFailures.GrantRevoked,
            cancellationToken);

    /// <summary>
    /// Whose an access token is and what it may do; <see cref="HubSpotOAuthFailures.AccessTokenRefused"/> where it opens nothing.
    /// </summary>
    public async Task<Result<HubSpotToken>> InspectAsync(
        string clientId, string clientSecret, string accessToken, CancellationToken cancellationToken)
    {
        using var request = IsV1
            ? new HttpRequestMessage(HttpMethod.Get, Address($"access-tokens/{Uri.EscapeDataString(accessToken)}"))
            : About("token/introspect", clientId, clientSecret, accessToken, "access_token");

        if (!(await SendAsync(request, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Status is HttpStatusCode.OK && !answer.IsTransient && ProviderJson.ParseObject(answer.Body) is { } body)
        {
            return HubSpotOAuthAnswer.ReadToken(body) is { } token ? token : HubSpotOAuthFailures.AccessTokenRefused;
        }

        return answer.Status is HttpStatusCode.NotFound
            ? HubSpotOAuthFailures.AccessTokenRefused
            : HubSpotOAuthAnswer.ReadRefusal(answer, HubSpotOAuthFailures.AccessTokenRefused);
    }

    /// <summary>Takes a refresh token back. The access tokens that it gave live on until they expire.</summary>
    public async Task<Result<RevokeOutcome>> RevokeAsync(
        string clientId, string clientSecret, string refreshToken, CancellationToken cancellationToken)
    {
        using var request = IsV1
            ? new HttpRequestMessage(HttpMethod.Delete, Address($"refresh-tokens/{Uri.EscapeDataString(refreshToken)}"))
            : About("token/revoke", clientId, clientSecret, refreshToken, "refresh_token");

        if (!(await SendAsync(request, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Status is HttpStatusCode.NoContent || (answer.Status is HttpStatusCode.OK && !answer.IsPage))
        {
            return RevokeOutcome.Revoked;
        }

        if (answer.Status is HttpStatusCode.NotFound)
        {
            return RevokeOutcome.AlreadyGone;
        }

        var refusal = HubSpotOAuthAnswer.ReadRefusal(answer, HubSpotOAuthFailures.GrantRevoked);
        return refusal == HubSpotOAuthFailures.GrantRevoked ? RevokeOutcome.AlreadyGone : refusal;
    }

    /// <summary>
    /// The portal that an access token opens, asked of the API itself: needs no client and no scope.
    /// <see cref="HubSpotOAuthFailures.AccessTokenRefused"/> where the token opens nothing.
    /// </summary>
    public async Task<Result<HubSpotAccount>> GetAccountAsync(string accessToken, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{HubSpotHosts.ApiDomain}/account-info/v3/details");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);

        if (!(await SendAsync(request, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Status is HttpStatusCode.Unauthorized)
        {
            return HubSpotOAuthFailures.AccessTokenRefused;
        }

        if (answer.Status is not HttpStatusCode.OK || answer.IsTransient)
        {
            return HubSpotOAuthAnswer.ReadRefusal(answer, HubSpotOAuthFailures.AccessTokenRefused);
        }

        return ProviderJson.ParseObject(answer.Body) is { } body && body.Text("portalId") is { } portalId
            ? new HubSpotAccount(portalId, body.Text("uiDomain"))
            : HubSpotOAuthFailures.Unavailable;
    }

    private async Task<Result<TokenGrant>> AskForTokenAsync(
        List<KeyValuePair<string, string>> form, Failure grantRefused, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address("token")) { Content = new FormUrlEncodedContent(form) };

        if (!(await SendAsync(request, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Status is HttpStatusCode.OK && ProviderJson.ParseObject(answer.Body) is { } body
            && HubSpotOAuthAnswer.ReadGrant(body) is { } grant
            ? grant
            : HubSpotOAuthAnswer.ReadRefusal(answer, grantRefused);
    }

    private Task<Result<ProviderAnswer>> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        ProviderAnswer.SendAsync(http, request, HubSpotOAuthFailures.Unavailable, cancellationToken);

    private HttpRequestMessage About(string path, string clientId, string clientSecret, string token, string kind) =>
        new(HttpMethod.Post, Address(path))
        {
            Content = new FormUrlEncodedContent(
                [
                    new("client_id", clientId),
                    new("client_secret", clientSecret),
                    new("token", token),
                    new("token_type_hint", kind),
                ]),
        };

    private string Address(string path) => $"{HubSpotHosts.ApiDomain}/oauth/{_version}/{path}";
}
