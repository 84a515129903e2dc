using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.TokenService;
using ZohoPlatform.TokenService.Data;

if (args.Contains("--migrate"))
{
    return await new TokensDatabase().MigrateAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddTokenService();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapTokenService();
await app.RunAsync();
return 0;
