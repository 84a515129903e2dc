using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.WebhookService;
using ZohoPlatform.WebhookService.Data;

if (args.Contains("--migrate"))
{
    return await new WebhooksDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWebhookService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapWebhookService();
await app.RunAsync();
return 0;
