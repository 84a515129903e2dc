using Grpc.Net.ClientFactory;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Grpc;
using KeyRingClient = ZohoPlatform.Contracts.Sealing.V1.KeyRing.KeyRingClient;

namespace ZohoPlatform.Gateway.KeyRing;

/// <summary>What all tenants' secrets are sealed with: a ring in each service that seals, and the gateway's own.</summary>
internal static class KeyRingArea
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddKeyRingArea()
        {
            builder.Services.AddSingleton<Ring, OwnRing>();
            builder.Services.AddSingleton<KeyRings>();
            // a new service is asked as soon as its address is known; one that seals nothing says so
            foreach (var service in ServiceAreas.Configured(builder.Configuration))
            {
                builder.AddServiceClient<KeyRingClient>(service, repeatable: ["GetStatus"]);
                builder.Services.AddSingleton<Ring>(provider => new ServiceRing(
                    service,
                    provider.GetRequiredService<GrpcClientFactory>().CreateClient<KeyRingClient>(ServiceClients.NameOf<KeyRingClient>(service)),
                    provider.GetRequiredService<ServiceCalls>()));
            }
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapKeyRingArea() => routes.MapApi().MapKeyRing();
    }
}
