using Grpc.Net.ClientFactory;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Erasure;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Erasing;

/// <summary>What becomes of the data of a tenant that was deleted.</summary>
internal static class ErasingArea
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Each service that the gateway has an address of erases its own; a new one is asked as soon as its address is known.</summary>
        public void AddErasingArea()
        {
            // who is still to be erased stands there
            builder.AddErasure<GatewayDbContext>(except: TenantStore.Erasures);
            builder.Services.AddWorkQueue(TenantStore.Erasures);
            builder.Services.AddHostedService<TenantEraser>();
            foreach (var service in ServiceAreas.Configured(builder.Configuration))
            {
                builder.AddServiceClient<TenantData.TenantDataClient>(service, repeatable: ["EraseTenant"]);
                builder.Services.AddSingleton(provider => new ServiceData(
                    service,
                    provider.GetRequiredService<GrpcClientFactory>()
                        .CreateClient<TenantData.TenantDataClient>(ServiceClients.NameOf<TenantData.TenantDataClient>(service))));
            }
        }
    }
}

/// <summary>What one service keeps of tenants.</summary>
internal sealed record ServiceData(string Service, TenantData.TenantDataClient Client);
