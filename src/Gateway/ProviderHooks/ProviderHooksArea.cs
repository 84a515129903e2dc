using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.ProviderHooks;

/// <summary>What providers tell by themselves. It is passed on as it came to the service that knows what it means.</summary>
internal static class ProviderHooksArea
{
    private const string Crm = "crm";

    extension(IHostApplicationBuilder builder)
    {
        public void AddProviderHooksArea() =>
            // noted twice is noted
            builder.AddAreaClient<Notifications.NotificationsClient>(Crm, repeatable: ["Receive"]);
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProviderHooksArea() => routes.MapGroup("").Needs(Crm).MapZohoCrmHook();
    }
}
