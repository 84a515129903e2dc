using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Access;

/// <summary>Finds the connection through which a tenant's Zoho Campaigns is called. It may appear and go at any time: it is asked for each time.</summary>
internal sealed class CampaignsAccess(ProviderAccess access)
{
    private const string Feature = "campaigns";

    private static readonly Failure UnknownDataCentre = new(
        FailureKind.Precondition,
        "data_centre_unsupported",
        "The Zoho account of this connection is in a data centre where Zoho Campaigns is not known to be: connect an account of another one.");

    /// <summary>
    /// What a call for <paramref name="purpose"/> is made with. Precondition: there is no usable connection (<c>not_connected</c> and others of
    /// the token service, whose sentence says what to do). Unavailable: the token service does not answer.
    /// </summary>
    public async Task<Result<ProviderCall>> ForAsync(
        TenantId tenant, string purpose, CancellationToken cancellationToken, QuotaUse use = QuotaUse.Job)
    {
        if (!(await access.ForFeatureAsync(tenant, Feature, purpose, cancellationToken)).Succeeded(out var token, out var failure))
        {
            return failure;
        }

        return DataCentres.Find(token.DataCentre) is { CampaignsHost: not null }
            ? new ProviderCall(tenant, token.ConnectionId, token.DataCentre, purpose)
            {
                GrantedScopes = token.GrantedScopes,
                AccountId = token.AccountId,
                AccountName = token.AccountName,
                Use = use,
            }
            : UnknownDataCentre;
    }
}
