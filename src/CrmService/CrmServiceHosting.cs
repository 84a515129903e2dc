using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.Extensions.Options;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.CrmService.Channels;
using ZohoPlatform.CrmService.Checks;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.CrmService.Feeds;
using ZohoPlatform.CrmService.Inbox;
using ZohoPlatform.Erasure;
using ZohoPlatform.Events;
using ZohoPlatform.Providers;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService;

internal static class CrmServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Everything that only this service has.</summary>
        public void AddCrmService()
        {
            builder.AddGrpcServer("crm");
            builder.Services.Configure<GrpcServiceOptions>(options =>
                options.Interceptors.Add<CallCheck>((Action<ServerCallContext>)TenantsKeysOnly.Check));
            builder.AddTickets("crm");
            builder.AddStorage(new CrmDatabase());
            builder.AddEventOutbox<CrmDbContext>();
            builder.AddAudit<CrmDbContext>("crm", AuditActions.All);
            builder.AddErasure<CrmDbContext>();
            builder.AddRedisServer();
            // one refresh however often it is asked, one replacement however often it is reported
            builder.AddServiceClient<AccessTokens.AccessTokensClient>("tokens", repeatable: ["GetAccessToken", "ReportRejectedToken"]);
            builder.AddZohoCrm();
            builder.AddFeatureAccess("crm");

            var services = builder.Services;
            services.AddSingleton<ModuleFields>();
            services.AddSingleton<ModuleSource>();
            services.AddSingleton<CopyKind<CrmDbContext>, ModuleKind>();
            builder.AddCopies<CrmDbContext>();
            services.AddDatabaseSignal(FeedChanges.Channel);
            services.AddSingleton<FeedChanges>();
            services.AddHostedService<ConnectionWatch>();

            services.AddSingleton<IValidateOptions<ChannelOptions>, ChannelOptionsValidator>();
            services.AddOptions<ChannelOptions>().BindConfiguration(ChannelOptions.Section).ValidateOnStart();
            services.AddSingleton<ChannelAddresses>();
            services.AddSingleton<ChannelStore>();
            services.AddWorkQueue(ChannelWorker.Queue);
            services.AddHostedService<ChannelWorker>();

            services.AddSingleton<SubscriptionStore>();
        }
    }

    extension(WebApplication app)
    {
        public void MapCrmService()
        {
            app.MapGrpcService<FeedsGrpc>();
            app.MapGrpcService<NotificationsGrpc>();
            app.MapGrpcService<InboxGrpc>();
            app.MapGrpcService<CrmCheckGrpc>();
            app.MapAudit();
            app.MapErasure();
        }
    }
}
