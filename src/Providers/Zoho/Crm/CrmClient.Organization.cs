using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>
    /// The organisation. Its edition is kept for a week for all replicas: until it is known, calls keep to what the smallest one allows.
    /// </summary>
    public async Task<Result<CrmOrganization>> GetOrganizationAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        var asked = await AskForAsync(call, new CrmRequest(CrmMethods.Organization), "org", CrmOrganization.Read, cancellationToken);
        if (!asked.Succeeded(out var organizations, out var failure))
        {
            return failure;
        }

        if (organizations is not [var organization, ..])
        {
            return CrmFailures.BadAnswer;
        }

        await plans.LearnAsync(QuotaScope(call), new CrmPlan(organization.Edition, organization.PaidUsers).ToString(), cancellationToken);
        return organization;
    }

    /// <summary>One page of the organisation's users.</summary>
    public async Task<Result<CrmUserPage>> ListUsersAsync(
        ProviderCall call, CrmUserKind kind, int page, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(page, 1);
        var type = kind switch
        {
            CrmUserKind.Active => "ActiveUsers",
            CrmUserKind.Current => "CurrentUser",
        };
        var asked = new CrmRequest(CrmMethods.Users) { Query = [("type", type), ("page", Text(page)), ("per_page", Text(PageSize))] };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is not { } root ? new CrmUserPage([], null)
            : answer.Entries("users") is { } users ?
                new CrmUserPage([.. users.Select(CrmUser.Read).OfType<CrmUser>()], HasMore(root) ? page + 1 : null)
            : CrmFailures.BadAnswer;
    }
}
