using System.Text;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Providers.HubSpot;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// The one place that knows whose accounts a grant belongs to: Zoho Accounts of a data centre, or HubSpot. What was sent is not
/// cancelled: the provider works on it whether anybody waits or not.
/// </summary>
internal sealed class ProviderAccounts(ZohoAccountsClient zoho, HubSpotOAuthClient hubSpot)
{
    /// <summary>The page where a person consents.</summary>
    public static Uri ConsentPage(
        GrantPlace place, string clientId, string redirectUri, IReadOnlyCollection<Feature> features, string state)
    {
        var scopes = Scopes.ToAskFor(place.Provider, features);
        return place.DataCentre is { } dataCentre
            ? Page(
                $"https://{dataCentre.AccountsHost}/oauth/v2/auth",
                ("response_type", "code"),
                ("client_id", clientId),
                ("redirect_uri", redirectUri),
                ("scope", string.Join(',', scopes)),
                // without these two a person who consented before brings no refresh token
                ("access_type", "offline"),
                ("prompt", "consent"),
                ("state", state))
            : Page(
                HubSpotHosts.ConsentPage,
                ("client_id", clientId),
                ("redirect_uri", redirectUri),
                ("scope", string.Join(' ', scopes)),
                ("state", state));
    }

    /// <summary>What a person's refusal on the consent page is.</summary>
    public static Failure AccessDenied(GrantPlace place) =>
        place.DataCentre is null ? HubSpotOAuthFailures.AccessDenied : ZohoAccountsFailures.AccessDenied;

    /// <summary>A code becomes a grant; <paramref name="redirectUri"/> is null for a self client's code, which only Zoho has.</summary>
    public Task<Result<TokenGrant>> ExchangeCodeAsync(GrantPlace place, OAuthClient client, string code, string? redirectUri) =>
        place.DataCentre is { } dataCentre
            ? zoho.ExchangeCodeAsync(dataCentre, client.Id, client.Secret, code, redirectUri, CancellationToken.None)
            : NameAsync(client, hubSpot.ExchangeCodeAsync(client.Id, client.Secret, code, redirectUri!, CancellationToken.None));

    public Task<Result<TokenGrant>> RefreshAsync(GrantPlace place, OAuthClient client, string refreshToken) =>
        place.DataCentre is { } dataCentre
            ? zoho.RefreshAsync(dataCentre, client.Id, client.Secret, refreshToken, CancellationToken.None)
            : hubSpot.RefreshAsync(client.Id, client.Secret, refreshToken, CancellationToken.None);

    /// <summary>A refresh token from elsewhere becomes a grant.</summary>
    public async Task<Result<TokenGrant>> AdoptAsync(GrantPlace place, OAuthClient client, string refreshToken)
    {
        var refreshed = RefreshAsync(place, client, refreshToken);
        var answer = await (place.DataCentre is null ? NameAsync(client, refreshed) : refreshed);
        return answer.Succeeded(out var grant, out var failure)
            ? grant with { RefreshToken = grant.RefreshToken ?? refreshToken }
            : failure;
    }

    /// <summary>Takes a grant back. Zoho asks for no client to do so.</summary>
    public async Task<Result<RevokeOutcome>> RevokeAsync(GrantPlace place, ProviderSettings settings, string refreshToken)
    {
        if (place.DataCentre is { } dataCentre)
        {
            return await zoho.RevokeAsync(dataCentre, refreshToken, CancellationToken.None);
        }

        return settings.ClientAt(place).Succeeded(out var client, out var notConfigured)
            ? await hubSpot.RevokeAsync(client.Id, client.Secret, refreshToken, CancellationToken.None)
            : notConfigured;
    }

    /// <summary>
    /// Calls the provider with an access token and says what it knows. <see cref="FailureKind.Forbidden"/> where this does not tell a bad
    /// token from a good one: only a new one does.
    /// </summary>
    public async Task<Result<string>> DescribeAsync(GrantPlace place, string accessToken)
    {
        if (place.DataCentre is { } dataCentre)
        {
            return (await zoho.GetUserAsync(dataCentre, accessToken, CancellationToken.None)).Succeeded(out var user, out var refused)
                ? $"{place} accepts the connection and knows its owner as {user.Email ?? user.Zuid}."
                : refused;
        }

        return (await hubSpot.GetAccountAsync(accessToken, CancellationToken.None)).Succeeded(out var account, out var failure)
            ? $"{place} accepts the connection: it opens the portal {account.PortalId}."
            : failure;
    }

    // v1 answers name neither the portal nor the scopes. The grant is good without them, and what is lost here would be lost for ever
    private async Task<Result<TokenGrant>> NameAsync(OAuthClient client, Task<Result<TokenGrant>> granting)
    {
        if (!(await granting).Succeeded(out var grant, out var failure))
        {
            return failure;
        }

        if (grant is { OrganizationId: not null, Scopes.Count: > 0 })
        {
            return grant;
        }

        var inspected = await hubSpot.InspectAsync(client.Id, client.Secret, grant.AccessToken, CancellationToken.None);
        return inspected.Succeeded(out var token, out _)
            ? grant with { OrganizationId = token.HubId, Scopes = token.Scopes }
            : grant;
    }

    private static Uri Page(string address, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return new Uri($"{address}{query}");
    }
}
