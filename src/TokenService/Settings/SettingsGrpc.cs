using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Settings;

internal sealed class SettingsGrpc(SettingsStore store, ProviderCatalogue providers) : IntegrationSettingsStore.IntegrationSettingsStoreBase
{
    public override async Task<IntegrationSettings> GetSettings(GetSettingsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        return providers.Find(request.Provider).Succeeded(out var provider, out var unknown)
            ? ToMessage(await store.ReadAsync(caller.Tenant, provider, context.CancellationToken))
            : throw unknown.ToRpcException();
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
            Region = settings.Region,
            Enabled = settings.Row.Enabled,
            CrmEnabled = settings.Row.CrmEnabled,
            OrganizationId = settings.Row.OrganizationId,
            ApiDomain = settings.Row.ApiDomain,
        };
        foreach (var (dataCentre, secret) in settings.Secrets)
        {
            message.ClientSecrets[dataCentre] = Secret.Mask(secret.Value);
        }

        foreach (var (feature, connection) in settings.FeatureConnections)
        {
            message.FeatureConnections[feature] = connection.ToString();
        }

        return message;
    }
}
