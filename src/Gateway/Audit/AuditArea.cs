using Grpc.Net.ClientFactory;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Audit;

internal static class AuditArea
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>The gateway's own audit, and those of the services that it has addresses of.</summary>
        public void AddAuditArea()
        {
            builder.AddAudit<GatewayDbContext>(ServiceCalls.Service, AuditActions.All);
            builder.Services.AddSingleton<AuditSource, OwnAudit>();
            builder.Services.AddSingleton<KeptHeads>();
            builder.Services.AddSingleton<AuditSources>();
            builder.Services.AddSingleton<HeadKeeper>();
            // each service of the platform logs: a new one is asked as soon as its address is known
            var configured = ServiceAreas.Configured(builder.Configuration);
            if (configured.Count == 0)
            {
                return;
            }

            builder.AddTrust(ServiceCalls.Service);
            builder.Services.AddHostedService(provider => provider.GetRequiredService<HeadKeeper>());
            foreach (var service in configured)
            {
                builder.AddServiceClient<AuditLog.AuditLogClient>(
                    service, repeatable: ["ListEntries", "ExportEntries", "ListActions", "VerifyChain", "ListHeads"]);
                builder.Services.AddSingleton<AuditSource>(provider => new ServiceAudit(
                    service,
                    provider.GetRequiredService<GrpcClientFactory>()
                        .CreateClient<AuditLog.AuditLogClient>(ServiceClients.NameOf<AuditLog.AuditLogClient>(service))));
            }
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuditArea() => routes.MapApi().MapAudit();
    }
}
