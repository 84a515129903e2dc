using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.HubSpot;

/// <summary>HubSpot: one host for all of its data centres, and tokens of half an hour whose refresh token may change with each.</summary>
internal sealed class HubSpotProvider : OAuthProvider
{
    private readonly HubSpotOAuthClient _client;

    public HubSpotProvider(HubSpotOAuthClient client)
    {
        _client = client;
        Places = [new ProviderPlace(this, "", HubSpotHosts.ApiDomain)];
    }

    public override string Name => "hubspot";

    public override string Title => "HubSpot";

    /// <summary>HubSpot, "Scopes".</summary>
    public override IReadOnlyList<ProviderFeature> Features { get; } =
        [new("hubspot_contacts", ["crm.objects.contacts.read", "crm.objects.contacts.write", "oauth"], "what is read and written in HubSpot")];

    public override IReadOnlyList<ProviderPlace> Places { get; }

    /// <summary>HubSpot documents no limit; half of a token's life may be asked for.</summary>
    public override RefreshRules Refreshes { get; } = new(InTenMinutes: 60, IsDocumented: false) { MostValidity = TimeSpan.FromMinutes(15) };

    public override Failure AccessDenied => HubSpotOAuthFailures.AccessDenied;

    public override string WhereTheSecretIs(ProviderPlace place) =>
        "No client secret is set for HubSpot: copy it from the app's Auth page to the integration settings.";

    public override Uri ConsentPage(
        ProviderPlace place, string clientId, string redirectUri, IReadOnlyCollection<string> scopes, string state) => Page(
        HubSpotHosts.ConsentPage,
        ("client_id", clientId),
        ("redirect_uri", redirectUri),
        ("scope", string.Join(' ', scopes)),
        ("state", state));

    public override Task<Result<TokenGrant>> ExchangeCodeAsync(ProviderPlace place, OAuthClient client, string code, string? redirectUri) =>
        NameAsync(client, _client.ExchangeCodeAsync(client.Id, client.Secret, code, redirectUri!, CancellationToken.None));

    public override Task<Result<TokenGrant>> RefreshAsync(ProviderPlace place, OAuthClient client, string refreshToken) =>
        _client.RefreshAsync(client.Id, client.Secret, refreshToken, CancellationToken.None);

    public override Task<Result<TokenGrant>> AdoptAsync(ProviderPlace place, OAuthClient client, string refreshToken) =>
        NameAsync(client, base.AdoptAsync(place, client, refreshToken));

    public override Task<Result<RevokeOutcome>> RevokeAsync(ProviderPlace place, OAuthClient? client, string refreshToken) =>
        _client.RevokeAsync(client!.Id, client.Secret, refreshToken, CancellationToken.None);

    public override async Task<Result<string>> DescribeAsync(ProviderPlace place, string accessToken) =>
        (await _client.GetAccountAsync(accessToken, CancellationToken.None)).Succeeded(out var account, out var failure)
            ? $"{place} accepts the connection: it opens the portal {account.PortalId}."
            : failure;

    // HubSpot refuses scopes also after the consent page, when the app in HubSpot lost one
    public override RefusedRefresh Judge(Failure failure) =>
        failure.Code == HubSpotOAuthFailures.ScopeRefused.Code ? RefusedRefresh.Misconfigured : base.Judge(failure);

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

        var inspected = await _client.InspectAsync(client.Id, client.Secret, grant.AccessToken, CancellationToken.None);
        return inspected.Succeeded(out var token, out _)
            ? grant with { OrganizationId = token.HubId, Scopes = token.Scopes }
            : grant;
    }
}
