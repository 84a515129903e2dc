using ZohoPlatform.CampaignsService;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults;

if (args.Contains("--migrate"))
{
    return await new CampaignsDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddCampaignsService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapCampaignsService();
await app.RunAsync();
return 0;
