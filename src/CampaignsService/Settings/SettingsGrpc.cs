using Grpc.Core;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>The CampaignsSettingsStore contract.</summary>
internal sealed class SettingsGrpc(SettingsStore store, CampaignsAccess access, CampaignsClient campaigns)
    : Wire.CampaignsSettingsStore.CampaignsSettingsStoreBase
{
    private const string Purpose = "campaigns.test";
    private const int MaxListKey = 100;

    public override async Task<Wire.CampaignsSettings> GetSettings(Wire.GetCampaignsSettingsRequest request, ServerCallContext context) =>
        await SettingsAsync(context.CallerWith(Role.Viewer).Tenant, context.CancellationToken);

    public override async Task<Wire.CampaignsSettings> UpdateSettings(Wire.UpdateCampaignsSettingsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Admin).Tenant;
        if (request.HasListKey)
        {
            var listKey = request.ListKey.Trim();
            if (listKey.Length > MaxListKey || !listKey.All(char.IsAsciiLetterOrDigit))
            {
                throw Failure.InvalidField(
                    "list_key", $"list_key is not a list key of Zoho Campaigns: at most {MaxListKey} letters and digits.").ToRpcException();
            }

            await store.SetListKeyAsync(tenant, listKey.Length == 0 ? null : listKey, context.CancellationToken);
        }

        return await SettingsAsync(tenant, context.CancellationToken);
    }

    public override async Task<Wire.TestCampaignsSettingsResponse> TestSettings(Wire.TestCampaignsSettingsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Operator).Tenant;
        return (await FindListAsync(tenant, context.CancellationToken)).Succeeded(out var list, out var failure)
            ? new Wire.TestCampaignsSettingsResponse { Ok = true, ListName = list.Name, Message = $"The mailing list was found: {list.Name}." }
            : new Wire.TestCampaignsSettingsResponse { Code = failure.Code, Message = failure.Message };
    }

    private async Task<Result<MailingList>> FindListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await store.ListKeyAsync(tenant, cancellationToken) is not { } listKey)
        {
            return SettingsFailures.ListKeyMissing;
        }

        if (!(await access.ForAsync(tenant, Purpose, cancellationToken)).Succeeded(out var call, out var failure)
            || !(await campaigns.GetMailingListsAsync(call, cancellationToken)).Succeeded(out var lists, out failure))
        {
            return failure;
        }

        return lists.FirstOrDefault(list => list.Key == listKey) is { } found ? found : CampaignsFailures.ListNotFound;
    }

    private async Task<Wire.CampaignsSettings> SettingsAsync(TenantId tenant, CancellationToken cancellationToken) =>
        new() { ListKey = await store.ListKeyAsync(tenant, cancellationToken) ?? "" };
}
