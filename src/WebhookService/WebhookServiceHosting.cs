using Microsoft.Extensions.Options;
using ZohoPlatform.Audit;
using ZohoPlatform.Erasure;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;
using ZohoPlatform.WebhookService.Deliveries;
using ZohoPlatform.WebhookService.Intake;
using ZohoPlatform.WebhookService.Receivers;
using ZohoPlatform.WebhookService.Subscriptions;

namespace ZohoPlatform.WebhookService;

internal static class WebhookServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Everything that only this service has.</summary>
        public void AddWebhookService()
        {
            builder.AddGrpcServer("webhooks");
            // it calls nobody: it signs where its audit ends
            builder.AddTickets("webhooks");
            builder.AddStorage(new WebhooksDatabase());
            builder.AddSealing<WebhooksDbContext>("webhooks", WebhookRow.Secrets, WebhookRow.PreviousSecrets);

            builder.AddAudit<WebhooksDbContext>("webhooks", AuditActions.All);
            builder.AddErasure<WebhooksDbContext>();

            var services = builder.Services;
            services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
            services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
            services.AddSingleton<ReceiverAddresses>();
            services.AddSingleton<WebhookSender>();

            services.AddSingleton<WebhookStore>();

            services.AddSingleton<DeliveryAttempts>();
            services.AddSingleton<DeliveryStore>();
            services.AddWorkQueue(DeliveryWorker.Queue);
            services.AddHostedService<DeliveryWorker>();

            services.AddSingleton<EventIntake>();
        }
    }

    extension(WebApplication app)
    {
        public void MapWebhookService()
        {
            app.MapGrpcService<WebhooksGrpc>();
            app.MapGrpcService<EventsGrpc>();
            app.MapAudit();
            app.MapErasure();
            app.MapSealing();
        }
    }
}
