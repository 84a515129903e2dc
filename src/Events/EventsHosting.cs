using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Events;

public static class EventsHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Hands over what the service raises. Called behind <c>AddStorage</c> and <c>AddTickets</c>; the model has <c>AddEventOutbox</c>, the
        /// migration <c>QueueEvents</c>.
        /// </summary>
        public void AddEventOutbox<TContext>()
            where TContext : TenantDbContext
        {
            // what was stored once is not stored again
            builder.AddServiceClient<Contracts.Webhooks.V1.Events.EventsClient>("webhooks", repeatable: ["Raise"]);
            builder.Services.AddWorkQueue(EventOutbox.Queue);
            builder.Services.AddHostedService<OutboxWorker<TContext>>();
        }
    }
}
