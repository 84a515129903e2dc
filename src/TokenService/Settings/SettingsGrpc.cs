using Grpc.Core;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Settings;

internal sealed class SettingsGrpc(SettingsStore store) : IntegrationSettingsStore.IntegrationSettingsStoreBase
{
    public override async Task<IntegrationSettings> GetSettings(GetSettingsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        if (request.Provider is not (Provider.Zoho or Provider.Hubspot))
        {
            throw Failure.InvalidField("provider", "provider must be zoho or hubspot.").ToRpcException();
        }

        return ToMessage(await store.ReadAsync(caller.Tenant, request.Provider, context.CancellationToken));
    }

    public override async Task<IntegrationSettings> UpdateSettings(UpdateSettingsRequest request, ServerCallContext context)
    {
        var answer = await store.UpdateAsync(context.CallerWith(Role.Admin), request, context.CancellationToken);
        return ToMessage(answer.OrThrow());
    }

    private static IntegrationSettings ToMessage(ProviderSettings settings)
    {
        var message = new IntegrationSettings
        {
            Provider = settings.Row.Provider,
            ClientId = settings.Row.ClientId,
            Region = settings.Row.Provider is Provider.Zoho ? settings.Row.Region : "",
            CrmEnabled = settings.Row.CrmEnabled,
            OrganizationId = settings.Row.OrganizationId,
            ApiDomain = settings.Row.ApiDomain,
        };
        foreach (var (dataCentre, secret) in settings.Secrets)
        {
            message.ClientSecrets[dataCentre] = Secret.Mask(secret);
        }

        return message;
    }
}
