using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CrmService.Access;

/// <summary>With what a tenant's Zoho CRM is called. A connection may go at any time: it is asked for each time.</summary>
internal sealed class CrmAccess(ProviderAccess access)
{
    /// <summary>What a connection must serve for the CRM to be called through it.</summary>
    public const string Feature = "crm";

    /// <summary>Through this connection; a failure is the token service's own, whose sentence says what to do.</summary>
    public async Task<Result<ProviderCall>> ForAsync(
        TenantId tenant, string connectionId, string purpose, CancellationToken cancellationToken, QuotaUse use = QuotaUse.Job) =>
        CallWith(tenant, await access.ForConnectionAsync(tenant, connectionId, purpose, cancellationToken), purpose, use);

    /// <summary>Through the connection that serves the CRM for the tenant.</summary>
    public async Task<Result<ProviderCall>> ForAsync(
        TenantId tenant, string purpose, CancellationToken cancellationToken, QuotaUse use = QuotaUse.Job) =>
        CallWith(tenant, await access.ForFeatureAsync(tenant, Feature, purpose, cancellationToken), purpose, use);

    private static Result<ProviderCall> CallWith(TenantId tenant, Result<ProviderToken> asked, string purpose, QuotaUse use) =>
        asked.Succeeded(out var token, out var failure)
            ? new ProviderCall(tenant, token.ConnectionId, token.DataCentre, purpose)
            {
                GrantedScopes = token.GrantedScopes,
                AccountId = token.AccountId,
                AccountName = token.AccountName,
                Use = use,
            }
            : failure;
}
