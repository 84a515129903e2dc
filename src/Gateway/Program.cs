using ZohoPlatform.Gateway;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults;

if (args.Contains("--migrate"))
{
    return await new GatewayDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddGateway();

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
app.MapGateway();
await app.RunAsync();
return 0;
