using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>
/// Zoho Accounts: codes and refresh tokens in, access tokens out. Sends every call once and waits 10 s at most: each one counts against
/// a budget (10 tokens in 10 minutes for a refresh token), and only the caller knows what is left of it.
/// </summary>
/// <remarks>
/// Pass <see cref="CancellationToken.None"/>. Zoho works on what it received even when nobody waits: a cancelled exchange loses the only
/// refresh token that its code gives, a cancelled refresh one of the ten tokens.
/// </remarks>
public sealed class ZohoAccountsClient(HttpClient http)
{
    /// <summary>The time for one call.</summary>
    internal static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Turns a code of the callback or of a self client into a grant. <paramref name="dataCentre"/> is where the person who consented has
    /// the account, not where the client is registered; <paramref name="redirectUri"/> is as it was in the authorization request, null for
    /// a self client's code.
    /// </summary>
    public async Task<Result<TokenGrant>> ExchangeCodeAsync(
        DataCentre dataCentre, string clientId, string clientSecret, string code, string? redirectUri, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("grant_type", "authorization_code"),
            new("client_id", clientId),
            new("client_secret", clientSecret),
            new("code", code),
        ];
        if (redirectUri is not null)
        {
            form.Add(new("redirect_uri", redirectUri));
        }

        return OneTimeCode.Of(await AskForTokenAsync(dataCentre, form, ZohoAccountsFailures.GrantCodeInvalid, cancellationToken));
    }

    /// <summary>
    /// A new access token for a refresh token. Fails with <see cref="ZohoAccountsFailures.GrantRevoked"/> where the grant is gone.
    /// </summary>
    public Task<Result<TokenGrant>> RefreshAsync(
        DataCentre dataCentre, string clientId, string clientSecret, string refreshToken, CancellationToken cancellationToken) =>
        AskForTokenAsync(
            dataCentre,
            [
                new("grant_type", "refresh_token"),
                new("client_id", clientId),
                new("client_secret", clientSecret),
                new("refresh_token", refreshToken),
            ],
            ZohoAccountsFailures.GrantRevoked,
            cancellationToken);

    /// <summary>Takes a grant back at Zoho; its access tokens end with it.</summary>
    public async Task<Result<RevokeOutcome>> RevokeAsync(DataCentre dataCentre, string refreshToken, CancellationToken cancellationToken)
    {
        // the documented form has the token in the query, hence no request logging for this client
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"https://{dataCentre.AccountsHost}/oauth/v2/token/revoke?token={Uri.EscapeDataString(refreshToken)}");

        var sent = await ProviderAnswer.SendAsync(http, request, ZohoAccountsFailures.Unavailable, cancellationToken);
        if (!sent.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (ZohoAccountsAnswer.ReadObject(answer) is not { } body)
        {
            return ZohoAccountsFailures.Unavailable;
        }

        return (body.Text("status"), body.Text("error")) switch
        {
            ("success", _) => RevokeOutcome.Revoked,
            (_, "invalid_code" or "invalid_token") => RevokeOutcome.AlreadyGone,
            _ when ZohoAccountsAnswer.IsThrottle(answer, body) => ZohoAccountsFailures.Throttled,
            (_, { } error) => ZohoAccountsFailures.Refused(error),
            _ => ZohoAccountsFailures.Unavailable,
        };
    }

    /// <summary>
    /// Who gave the grant. For display only: it needs a scope of its own, and <see cref="ZohoAccountsFailures.ProfileNotGranted"/> is no
    /// reason to refuse a connection.
    /// </summary>
    public async Task<Result<ZohoUser>> GetUserAsync(DataCentre dataCentre, string accessToken, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{dataCentre.AccountsHost}/oauth/user/info");
        request.Headers.Authorization = new AuthenticationHeaderValue(ZohoProvider.Scheme, accessToken);

        var sent = await ProviderAnswer.SendAsync(http, request, ZohoAccountsFailures.Unavailable, cancellationToken);
        if (!sent.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
        {
            return ZohoAccountsAnswer.ReadObject(answer)?.Text("error") is "INVALID_OAUTHSCOPE"
                ? ZohoAccountsFailures.ProfileNotCovered
                : ZohoAccountsFailures.ProfileNotGranted;
        }

        // ZUID comes as a number and as text
        return ZohoAccountsAnswer.ReadObject(answer) is { } body && body.Number("ZUID") is { } zuid
            ? new ZohoUser(
                zuid.ToString(CultureInfo.InvariantCulture),
                body.Text("Email"),
                body.Text("Display_Name"))
            : ZohoAccountsFailures.Unavailable;
    }

    private async Task<Result<TokenGrant>> AskForTokenAsync(
        DataCentre dataCentre, List<KeyValuePair<string, string>> form, Failure invalidCode, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{dataCentre.AccountsHost}/oauth/v2/token");
        request.Content = new FormUrlEncodedContent(form);

        var sent = await ProviderAnswer.SendAsync(http, request, ZohoAccountsFailures.Unavailable, cancellationToken);
        if (!sent.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (ZohoAccountsAnswer.ReadObject(answer) is not { } body)
        {
            return ZohoAccountsFailures.Unavailable;
        }

        if (ZohoAccountsAnswer.ReadGrant(body) is { } grant)
        {
            return grant;
        }

        if (ZohoAccountsAnswer.IsThrottle(answer, body))
        {
            return ZohoAccountsFailures.Throttled;
        }

        return body.Text("error") switch
        {
            "invalid_code" or "invalid_grant" => invalidCode,
            "invalid_client" => ZohoAccountsFailures.ClientRefused(dataCentre),
            "invalid_client_secret" => ZohoAccountsFailures.ClientSecretRefused(dataCentre),
            "invalid_redirect_uri" => ZohoAccountsFailures.RedirectUriRefused,
            // who refused is sent back without a code: here it is said of a client alone
            "access_denied" => ZohoAccountsFailures.ClientThrottled,
            "invalid_scope" => ZohoAccountsFailures.ScopeRefused,
            null or "general_error" or "internal_error" => ZohoAccountsFailures.Unavailable,
            { } error => ZohoAccountsFailures.Refused(error),
        };
    }
}
