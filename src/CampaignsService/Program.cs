using ZohoPlatform.CampaignsService;
using ZohoPlatform.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddCampaignsService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapCampaignsService();
await app.RunAsync();
