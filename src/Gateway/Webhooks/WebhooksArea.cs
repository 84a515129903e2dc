using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Webhooks;

/// <summary>Who is told what has happened: WebhookService's.</summary>
internal static class WebhooksArea
{
    private const string Service = "webhooks";

    extension(IHostApplicationBuilder builder)
    {
        public void AddWebhooksArea() => builder.AddAreaClient<Contracts.Webhooks.V1.Webhooks.WebhooksClient>(
            Service, repeatable: ["ListWebhooks", "ListDeliveries", "ListEventTypes"]);
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapWebhooksArea() => routes.MapApi().Needs(Service).MapWebhooks();
    }
}
