using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZohoPlatform.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var checkout = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
var state = Path.GetFullPath(builder.Configuration["AppHost:StateDirectory"] ?? ".zoho", checkout);
var provider = Provider.Choose(builder.Configuration, checkout);

IResourceBuilder<ParameterResource> Secret(string name) =>
    builder.AddParameter(name, new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);
var masterKey = Secret("token-master-key");
var sourceKey = Secret("source-key");
var ticketKey = Secret("ticket-key");
var storagePassword = Secret("storage-password");
var adminKey = Secret("bootstrap-admin-key");

var postgres = builder.AddPostgres("postgres").WithDataBindMount(Path.Combine(state, "postgres"));
var tokensData = postgres.AddDatabase("tokens-db", "tokens");
var campaignsData = postgres.AddDatabase("campaigns-db", "campaigns");
var gatewayData = postgres.AddDatabase("gateway-db", "gateway");
var redis = builder.AddRedis("redis").WithDataBindMount(Path.Combine(state, "redis"));

// 43 letters and digits and one "=" are 32 bytes in base64
var tokens = builder.AddProject<Projects.TokenService>("tokens")
    .WithReference(tokensData, "tokens").WithReference(redis)
    .WithEnvironment("Secrets__MasterKey", $"{masterKey}=")
    .WithEnvironment("Tickets__Key", $"{ticketKey}=").WithEnvironment("Storage__ServicePassword", storagePassword)
    .WithHttpHealthCheck("/health")
    .WaitFor(tokensData).WaitFor(redis);

var campaigns = builder.AddProject<Projects.CampaignsService>("campaigns")
    .WithReference(campaignsData, "campaigns").WithReference(redis).WithReference(tokens)
    .WithEnvironment("Sources__Key", $"{sourceKey}=").WithEnvironment("Sources__Hosts", "127.0.0.1,localhost")
    .WithEnvironment("Tickets__Key", $"{ticketKey}=").WithEnvironment("Storage__ServicePassword", storagePassword)
    .WithHttpHealthCheck("/health")
    .WaitFor(campaignsData).WaitFor(redis).WaitFor(tokens);

var gateway = builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: builder.Configuration.GetValue("Gateway:Port", 8080), name: "http")
    .WithExternalHttpEndpoints()
    .WithReference(gatewayData, "gateway").WithReference(redis).WithReference(tokens).WithReference(campaigns)
    .WithEnvironment("Tickets__Key", $"{ticketKey}=").WithEnvironment("Storage__ServicePassword", storagePassword)
    .WithEnvironment("Bootstrap__AdminKey", adminKey).WithEnvironment("Bootstrap__EnvFile", Path.Combine(state, "demo.env"))
    .WithHttpHealthCheck("/health")
    .WaitFor(gatewayData).WaitFor(redis).WaitFor(tokens).WaitFor(campaigns)
    .OnResourceReady((_, ready, _) =>
    {
        provider.Announce(ready.Services.GetRequiredService<ILoggerFactory>().CreateLogger("AppHost"));
        return Task.CompletedTask;
    });

// where a provider sends a browser back to
if (builder.Configuration["Gateway:PublicUrl"] is { Length: > 0 } publicUrl)
{
    gateway.WithEnvironment("Gateway__PublicUrl", publicUrl);
}
else
{
    gateway.WithEnvironment("Gateway__PublicUrl", gateway.GetEndpoint("http"));
}

// the demo tenant's settings
foreach (var (name, value) in provider.Settings)
{
    gateway.WithEnvironment(name, value);
}

if (provider.IsSimulator)
{
    var simulator = builder.AddProject<Projects.Simulator>("simulator")
        .WithHttpEndpoint(port: builder.Configuration.GetValue<int?>("Simulator:Port"), name: "http")
        .WithExternalHttpEndpoints()
        .WithEnvironment("Simulator__StateFile", Path.Combine(state, "simulator.json"))
        .WithEnvironment("Simulator__Demo__ClientId", provider.Settings["ZOHO_CLIENT_ID"])
        .WithEnvironment("Simulator__Demo__Secrets__us", provider.Settings["ZOHO_CLIENT_SECRET"])
        .WithEnvironment("Simulator__Demo__RefreshTokens__us", provider.Settings["ZOHO_REFRESH_TOKEN"])
        .WithEnvironment("Simulator__Demo__ListKey", provider.Settings["ZOHO_CAMPAIGNS_LIST_KEY"])
        .WithEnvironment("Simulator__Demo__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/zoho/callback")
        .WithEnvironment("Simulator__Demo__HubSpot__ClientId", provider.Settings["HUBSPOT_CLIENT_ID"])
        .WithEnvironment("Simulator__Demo__HubSpot__ClientSecret", provider.Settings["HUBSPOT_CLIENT_SECRET"])
        .WithEnvironment("Simulator__Demo__HubSpot__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/hubspot/callback")
        .WithHttpHealthCheck("/health");

    // to try webhooks with a receiver on this machine
    tokens.WithEnvironment("Webhooks__AllowLoopback", "true");
    tokens.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")).WaitFor(simulator);
    campaigns.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")).WaitFor(simulator);
}

builder.Build().Run();
