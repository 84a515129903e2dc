using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Settings;

/// <summary>
/// One page over two services, without either of which it is not there, and what is of conversations, where they are. Clients of
/// connections, of the list
/// key and of conversations are registered by their own areas.
/// </summary>
internal static class SettingsArea
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddSettingsArea() =>
            builder.AddAreaClient<IntegrationSettingsStore.IntegrationSettingsStoreClient>("tokens", repeatable: ["GetSettings"]);
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSettingsArea() => routes.MapApi().Needs("tokens").Needs("campaigns").MapSettings();
    }
}
