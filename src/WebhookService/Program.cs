using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.WebhookService;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddWebhookService();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapWebhookService();

app.Run();
