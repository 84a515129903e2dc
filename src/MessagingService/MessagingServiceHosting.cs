using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Erasure;
using ZohoPlatform.Events;
using ZohoPlatform.MessagingService.Data;
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
            builder.AddTickets("messaging");
            builder.AddStorage(new MessagingDatabase());
            builder.AddEventOutbox<MessagingDbContext>();
            builder.AddSealing<MessagingDbContext>("messaging");
            builder.AddAudit<MessagingDbContext>("messaging", AuditActions.All);
            builder.AddErasure<MessagingDbContext>();
            builder.AddRedisServer();
            // one refresh however often it is asked, one replacement however often it is reported
            builder.AddServiceClient<AccessTokens.AccessTokensClient>("tokens", repeatable: ["GetAccessToken", "ReportRejectedToken"]);
            builder.AddZohoCrm();
        }
    }

    extension(WebApplication app)
    {
        public void MapMessagingService()
        {
            app.MapAudit();
            app.MapErasure();
            app.MapSealing();
        }
    }
}
