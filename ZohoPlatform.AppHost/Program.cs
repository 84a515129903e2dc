using Microsoft.Extensions.Hosting;
using ZohoPlatform.AppHost.Launch;

try
{
    var builder = LaunchHosting.CreateBuilder(args);
    var checkout = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
    var provider = Provider.Choose(builder.Configuration, checkout);
    using var state = builder.AddLaunch(provider, checkout);

    IResourceBuilder<ParameterResource> Secret(string name)
    {
        var generate = new GenerateParameterDefault { MinLength = 43, Special = false };
        return builder.AddParameter(name, builder.ExecutionContext.IsPublishMode ? generate : state.Keep(name, generate), secret: true);
    }

    var masterKey = Secret("token-master-key");
    var campaignsMasterKey = Secret("campaigns-master-key");
    var webhooksMasterKey = Secret("webhooks-master-key");
    var gatewayMasterKey = Secret("gateway-master-key");
    var adminKey = Secret("bootstrap-admin-key");

    // webhooks calls nobody; like the others it signs where its audit ends
    var webhooksKey = new ServiceKeys(builder, state, "webhooks");
    var tokensKey = new ServiceKeys(builder, state, "tokens");
    var campaignsKey = new ServiceKeys(builder, state, "campaigns");
    var gatewayKey = new ServiceKeys(builder, state, "gateway");

    var servers = DataServers.Add(builder, state, Secret);
    var tokensData = servers.AddDatabase<Projects.TokenService>("tokens");
    var campaignsData = servers.AddDatabase<Projects.CampaignsService>("campaigns");
    var webhooksData = servers.AddDatabase<Projects.WebhookService>("webhooks");
    var gatewayData = servers.AddDatabase<Projects.Gateway>("gateway");

    // keys by whose they are; the token service alone says on its channel that a token is another one now
    var tokensRedis = servers.AddRedisUser("tokens", "~tokens:* &tokens:changed");
    var campaignsRedis = servers.AddRedisUser("campaigns", "~quota:* ~sync-pace:* ~campaign-results:* &tokens:changed -publish");
    var gatewayRedis = servers.AddRedisUser("gateway", "~{gateway:*");

    // 43 letters and digits and one "=" are 32 bytes in base64
    var webhooks = builder.AddService<Projects.WebhookService>("webhooks", service => service
        .WithDatabase(webhooksData)
        .WithEnvironment("Secrets__MasterKey", $"{webhooksMasterKey}="));

    var tokens = builder.AddService<Projects.TokenService>("tokens", service => service
        .WithDatabase(tokensData)
        .WithEnvironment("ConnectionStrings__redis", tokensRedis).WithReference(webhooks)
        .WithEnvironment("Secrets__MasterKey", $"{masterKey}=")
        .WaitFor(servers.Redis));

    var campaigns = builder.AddService<Projects.CampaignsService>("campaigns", service => service
        .WithDatabase(campaignsData)
        .WithEnvironment("ConnectionStrings__redis", campaignsRedis).WithReference(tokens).WithReference(webhooks)
        .WithEnvironment("Secrets__MasterKey", $"{campaignsMasterKey}=")
        .WaitFor(servers.Redis));

    var gateway = builder.AddProject<Projects.Gateway>("gateway")
        .OnOwnPort("http", KnownSettings.Port(builder.Configuration, "Gateway:Port", 8080))
        .OnOwnPort("grpc", KnownSettings.Port(builder.Configuration, "Gateway:GrpcPort", 8081))
        // the gateway opens that one by itself, for HTTP/2 alone
        .WithEndpointsInEnvironment(endpoint => endpoint.Name != "grpc")
        .WithExternalHttpEndpoints()
        .WithDatabase(gatewayData)
        .WithEnvironment("ConnectionStrings__redis", gatewayRedis)
        .WithReference(tokens).WithReference(campaigns).WithReference(webhooks)
        .WithEnvironment("Secrets__MasterKey", $"{gatewayMasterKey}=").WithEnvironment("Bootstrap__AdminKey", adminKey)
        .WithHttpHealthCheck("/health", endpointName: "http")
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/swagger", DisplayText = "API (Swagger)" })
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api/v1/crm/zoho/callback", DisplayText = "OAuth callback (Zoho)" })
        .WithIconName("Globe")
        // the other services do without each other for a while; the gateway's first work is to set up the demo tenant with them
        .WaitFor(servers.Redis).WaitFor(tokens).WaitFor(campaigns);

    gateway.WithEnvironment("Gateway__GrpcPort", gateway.GetEndpoint("grpc").Property(EndpointProperty.TargetPort));
    webhooks.ForEach(webhooksKey.SignFor);
    tokens.ForEach(tokensKey.SignFor);
    campaigns.ForEach(campaignsKey.SignFor);
    gatewayKey.SignFor(gateway);
    // what each may call on its own account; all else is called for a key or a person, whom the gateway has checked
    const string AccessTokens = "zohoplatform.tokens.v1.AccessTokens";
    const string Connections = "zohoplatform.tokens.v1.Connections";
    const string Events = "zohoplatform.webhooks.v1.Events";
    const string ListHeads = "zohoplatform.audit.v1.AuditLog/ListHeads";
    tokens.ForEach(service =>
    {
        campaignsKey.HeardBy(service, [AccessTokens]);
        gatewayKey.HeardBy(
            service,
            [
                $"{Connections}/CompleteAuthorization", $"{Connections}/CreateConnection", $"{Connections}/ListConnections",
                "zohoplatform.tokens.v1.IntegrationSettingsStore/UpdateSettings", "zohoplatform.sealing.v1.KeyRing", ListHeads,
            ],
            speaksForCallers: true);
    });
    campaigns.ForEach(service => gatewayKey.HeardBy(
        service,
        ["zohoplatform.campaigns.v1.CampaignsSettingsStore/UpdateSettings", "zohoplatform.sealing.v1.KeyRing", ListHeads],
        speaksForCallers: true));
    webhooks.ForEach(service =>
    {
        tokensKey.HeardBy(service, [Events]);
        campaignsKey.HeardBy(service, [Events]);
        gatewayKey.HeardBy(service, [Events, "zohoplatform.sealing.v1.KeyRing", ListHeads], speaksForCallers: true);
    });
    // it reads what they sign, and serves them nothing
    tokensKey.HeardBy(gateway, []);
    campaignsKey.HeardBy(gateway, []);
    webhooksKey.HeardBy(gateway, []);

    servers.WithReset([.. tokens.All.Concat(campaigns.All).Concat(webhooks.All).Append(gateway).Select(service => service.Resource)]);

    // where a provider sends a browser back to
    if (builder.Configuration["Gateway:PublicUrl"] is { Length: > 0 } publicUrl)
    {
        gateway.WithEnvironment("Gateway__PublicUrl", publicUrl);
    }
    else
    {
        gateway.WithEnvironment("Gateway__PublicUrl", gateway.GetEndpoint("http"));
    }

    // the demo tenant is this machine's own: a manifest would carry its secrets elsewhere
    if (builder.ExecutionContext.IsRunMode)
    {
        campaigns.ForEach(service => service.WithEnvironment("Sources__Hosts", "127.0.0.1,localhost"));
        gateway.WithEnvironment("Bootstrap__EnvFile", Path.Combine(state.Root, "demo.env"))
            .WithEnvironment("Bootstrap__Url", gateway.GetEndpoint("http"));
        foreach (var (name, value) in provider.Settings)
        {
            gateway.WithEnvironment(name, value);
        }
    }

    if (provider.IsSimulator && builder.ExecutionContext.IsRunMode)
    {
        var simulator = builder.AddProject<Projects.Simulator>("simulator")
            .OnOwnPort("http", KnownSettings.Port(builder.Configuration, "Simulator:Port", 0))
            .WithExternalHttpEndpoints()
            .WithEnvironment("Simulator__StateFile", Path.Combine(state.Root, "simulator.json"))
            .WithEnvironment("Simulator__Demo__ClientId", provider.Settings["ZOHO_CLIENT_ID"])
            .WithEnvironment("Simulator__Demo__Secrets__us", provider.Settings["ZOHO_CLIENT_SECRET"])
            .WithEnvironment("Simulator__Demo__RefreshTokens__us", provider.Settings["ZOHO_REFRESH_TOKEN"])
            .WithEnvironment("Simulator__Demo__ListKey", provider.Settings["ZOHO_CAMPAIGNS_LIST_KEY"])
            .WithEnvironment("Simulator__Demo__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/zoho/callback")
            .WithEnvironment("Simulator__Demo__HubSpot__ClientId", provider.Settings["HUBSPOT_CLIENT_ID"])
            .WithEnvironment("Simulator__Demo__HubSpot__ClientSecret", provider.Settings["HUBSPOT_CLIENT_SECRET"])
            .WithEnvironment("Simulator__Demo__HubSpot__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/hubspot/callback")
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithUrlForEndpoint("http", url => url.DisplayText = "Simulator")
            .WithIconName("BeakerSettings")
            .WithTrouble();

        tokens.ForEach(service => service
            .WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http"))
            .WithExpireTokens(simulator));
        campaigns.ForEach(service => service.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")));
        // to try webhooks with a receiver on this machine
        webhooks.ForEach(service => service.WithEnvironment("Webhooks__AllowLoopback", "true"));
        gateway.WaitFor(simulator);
    }

    await using var app = builder.Build();
    try
    {
        await app.StartAsync();
        await app.WaitForShutdownAsync();
    }
    catch (OperationCanceledException)
    {
        // asked to end before everything had started: what has started must end first
        await app.StopAsync();
    }

    return Environment.ExitCode;
}
catch (TimeoutException e)
{
    await Console.Error.WriteLineAsync($"Not everything that was started has ended: {e.Message}");
    return 1;
}
catch (Exception e) when (e is LaunchException or DistributedApplicationException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
