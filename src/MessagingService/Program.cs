using ZohoPlatform.MessagingService;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults;

if (args.Contains("--migrate"))
{
    return await new MessagingDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMessagingService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingService();
await app.RunAsync();
return 0;
