using ZohoPlatform.CrmService;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults;

if (args.Contains("--migrate"))
{
    return await new CrmDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddCrmService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapCrmService();
await app.RunAsync();
return 0;
