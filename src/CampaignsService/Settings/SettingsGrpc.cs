using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>The CampaignsSettingsStore contract.</summary>
internal sealed class SettingsGrpc(SettingsStore store, FeatureAccess access, CampaignsClient campaigns, TimeProvider clock)
    : Wire.CampaignsSettingsStore.CampaignsSettingsStoreBase
{
    private const string Purpose = "campaigns.test";
    private const string QuotaPurpose = "campaigns.quota";

    public override async Task<Wire.CampaignsSettings> GetSettings(Wire.GetCampaignsSettingsRequest request, ServerCallContext context) =>
        await SettingsAsync(context.CallerWith(Role.Viewer).Tenant, context.CancellationToken);

    public override async Task<Wire.CampaignsSettings> UpdateSettings(Wire.UpdateCampaignsSettingsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        if (request.HasCampaignsListKey)
        {
            var listKey = request.CampaignsListKey.Trim();
            if (listKey.Length > 0 && !ZohoKey.HasShape(listKey))
            {
                throw ZohoKey.Invalid("campaigns_list_key").ToRpcException();
            }

            await store.SetListKeyAsync(caller, listKey.Length == 0 ? null : listKey, context.CancellationToken);
        }

        return await SettingsAsync(caller.Tenant, context.CancellationToken);
    }

    public override async Task<Wire.TestCampaignsSettingsResponse> TestSettings(Wire.TestCampaignsSettingsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Operator).Tenant;
        var answer = new Wire.TestCampaignsSettingsResponse();
        if ((await access.ForAsync(tenant, Purpose, context.CancellationToken, QuotaUse.Read)).Succeeded(out var call, out var failure))
        {
            (answer.ConnectionId, answer.AccountName) = (call.ConnectionId, call.AccountName);
        }

        var listKey = await store.ListKeyAsync(tenant, context.CancellationToken);
        if (listKey is null)
        {
            failure = SettingsFailures.ListKeyMissing;
        }
        else if (call is not null && (await FindListAsync(call, listKey, context.CancellationToken)).Succeeded(out var list, out failure))
        {
            (answer.Ok, answer.ListName, answer.Message) = (true, list.Name, Found(list));
            return answer;
        }

        (answer.Code, answer.Message) = (failure!.Code, failure.Message);
        return answer;
    }

    public override async Task<Wire.CampaignsQuota> GetQuota(Wire.GetCampaignsQuotaRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        var call = (await access.ForAsync(tenant, QuotaPurpose, context.CancellationToken)).OrThrow();
        var quotas = (await campaigns.GetQuotaAsync(call, context.CancellationToken)).OrThrow();
        var now = clock.GetUtcNow();
        return new Wire.CampaignsQuota
        {
            Methods =
            {
                quotas.Select(quota => new Wire.MethodQuota
                {
                    Method = quota.Method,
                    Limits =
                    {
                        quota.State.Usages.Select(usage => new Wire.QuotaLimit
                        {
                            Window = usage.Limit.Window.ToDuration(), Calls = usage.Limit.Calls, Usable = usage.Usable, Used = usage.Used,
                        }),
                    },
                    UnlocksAt = quota.State.LockedFor is { } locked ? (now + locked).ToTimestamp() : null,
                }),
            },
        };
    }

    private static string Found(MailingList list) => list.HasSignupForm
        ? $"The mailing list was found: {list.Name}. It has a sign-up form: everyone who is pushed to it gets a mail from Zoho and is on the list "
            + "only once they have confirmed. For people who have agreed already use a list without one."
        : $"The mailing list was found: {list.Name}.";

    private async Task<Result<MailingList>> FindListAsync(ProviderCall call, string listKey, CancellationToken cancellationToken)
    {
        if (!(await campaigns.GetMailingListsAsync(call, cancellationToken)).Succeeded(out var lists, out var failure))
        {
            return failure;
        }

        return lists.FirstOrDefault(list => list.Key == listKey) is { } found ? found : CampaignsFailures.ListNotFound;
    }

    private async Task<Wire.CampaignsSettings> SettingsAsync(TenantId tenant, CancellationToken cancellationToken) =>
        new() { CampaignsListKey = await store.ListKeyAsync(tenant, cancellationToken) ?? "" };
}
