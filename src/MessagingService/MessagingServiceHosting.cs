using Grpc.AspNetCore.Server;
using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Erasure;
using ZohoPlatform.Events;
using ZohoPlatform.MessagingService.Channels;
using ZohoPlatform.MessagingService.Conversations;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Delivery;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.People;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.MessagingService.WhatsApp;
using ZohoPlatform.Providers;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService;

internal static class MessagingServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Everything that only this service has.</summary>
        public void AddMessagingService()
        {
            builder.AddGrpcServer("messaging");
            builder.Services.Configure<GrpcServiceOptions>(options =>
            {
                options.Interceptors.Add<CallCheck>((Action<ServerCallContext>)TenantsKeysOnly.Check);
                // a webhook of Meta has up to 3 MB
                options.MaxReceiveMessageSize = 4 * 1024 * 1024;
            });
            builder.AddTickets("messaging");
            builder.AddStorage(new MessagingDatabase());
            builder.AddEventOutbox<MessagingDbContext>();
            builder.AddSealing<MessagingDbContext>("messaging", SettingsRow.LinkKeys, ChannelRow.AppSecrets, ChannelRow.VerifyTokens);
            builder.AddAudit<MessagingDbContext>("messaging", AuditActions.All);
            builder.AddErasure<MessagingDbContext>();
            builder.AddRedisServer();
            // one refresh however often it is asked, one replacement however often it is reported
            builder.AddServiceClient<AccessTokens.AccessTokensClient>(
                "tokens", repeatable: ["GetAccessToken", "GetFeatureSwitch", "ReportRejectedToken"]);
            builder.AddZohoCrm();
            builder.AddFeatureAccess("crm");

            var services = builder.Services;
            services.AddSingleton<SettingsStore>();
            services.AddSingleton<ChannelStore>();
            services.AddSingleton<MessageIntake>();
            services.AddSingleton<MessageStore>();
            services.AddSingleton<SearchTurns>();
            services.AddDatabaseSignal(MessageChanges.Channel);
            services.AddSingleton<MessageChanges>();
            services.AddSingleton<ConversationStore>();
            services.AddSingleton<PeopleStore>();
            builder.AddServiceClient<Inbox.InboxClient>("crm", repeatable: ["Subscribe", "Unsubscribe"]);
            services.AddSingleton<PeopleFollower>();
            services.AddWorkQueue(MessagingDbContext.FollowQueue, PeopleFollower.Lease);
            services.AddHostedService<PeopleWorker>();

            services.AddSingleton<ShapeReader>();
            services.AddSingleton<LeadFinder>();
            services.AddSingleton<LeadMaker>();
            services.AddSingleton<MessageWriter>();
            services.AddSingleton<NoteWriter>();
            services.AddSingleton<DeliveryLedger>();
            services.AddSingleton<DeliveryRound>();
            services.AddWorkQueue(MessagingDbContext.DeliveryQueue);
            services.AddHostedService<DeliveryWorker>();
            services.AddHostedService<ConnectionWatch>();
        }
    }

    extension(WebApplication app)
    {
        public void MapMessagingService()
        {
            app.MapGrpcService<SettingsGrpc>();
            app.MapGrpcService<ChannelsGrpc>();
            app.MapGrpcService<WhatsAppGrpc>();
            app.MapGrpcService<MessagesGrpc>();
            app.MapGrpcService<ConversationsGrpc>();
            app.MapGrpcService<MessagingCheckGrpc>();
            app.MapAudit();
            app.MapErasure();
            app.MapSealing();
        }
    }
}
