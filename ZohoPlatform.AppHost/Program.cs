using System.Globalization;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.AppHost.Launch;

if (KnownSettings.IsHelp(args))
{
    Console.WriteLine(KnownSettings.Help);
    return 0;
}

try
{
    var builder = LaunchHosting.CreateBuilder(args);
    var checkout = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
    var given = GivenSettings.Read(builder.Configuration, checkout);
    var provider = Provider.Choose(given);
    using var state = builder.AddLaunch(provider, checkout);

    // in Redis, keys by whose they are; who calls providers counts in the same quotas, and hears when the token service has another token
    static string ProviderCalls(params string[] own) => string.Join(' ', ["~quota:*", .. own, "&tokens:changed", "-publish"]);

    var services = new PlatformServices(builder, state);
    var webhooks = services.Add<Projects.WebhookService>("webhooks");
    var tokens = services.Add<Projects.TokenService>("tokens", redis: "~tokens:* &tokens:changed", masterKey: "token-master-key");
    var campaigns = services.Add<Projects.CampaignsService>("campaigns", redis: ProviderCalls("~sync-pace:*", "~campaign-results:*"));
    var crm = services.Add<Projects.CrmService>("crm", redis: ProviderCalls());
    var messaging = services.Add<Projects.MessagingService>("messaging", redis: ProviderCalls());

    var gateway = builder.AddProject<Projects.Gateway>("gateway")
        .AsBuilt<Projects.Gateway>()
        .OnOwnPort("http", KnownSettings.Port(builder.Configuration, "Gateway:Port", 8080))
        .OnOwnPort("grpc", KnownSettings.Port(builder.Configuration, "Gateway:GrpcPort", 8081))
        // the gateway opens that one by itself, for HTTP/2 alone
        .WithEndpointsInEnvironment(endpoint => endpoint.Name != "grpc")
        .WithExternalHttpEndpoints()
        .WithEnvironment("Bootstrap__AdminKey", services.Secret("bootstrap-admin-key"))
        .WithHttpHealthCheck("/health", endpointName: "http")
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/swagger", DisplayText = "API (Swagger)" })
        .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/api/v1/crm/zoho/callback", DisplayText = "OAuth callback (Zoho)" })
        .WithIconName("Globe");
    gateway.WithEnvironment("Gateway__GrpcPort", gateway.GetEndpoint("grpc").Property(EndpointProperty.TargetPort));
    var gatewayService = services.Add<Projects.Gateway>(gateway, redis: "~{gateway:*");

    // what each may call on its own account; all else is called for a key or a person, whom the gateway has checked. webhooks calls nobody
    const string Connections = "zohoplatform.tokens.v1.Connections";
    const string AccessTokens = "zohoplatform.tokens.v1.AccessTokens";
    const string Events = "zohoplatform.webhooks.v1.Events";
    const string KeyRing = "zohoplatform.sealing.v1.KeyRing";
    tokens.MayCall(webhooks, Events);
    campaigns.MayCall(webhooks, Events);
    campaigns.MayCall(tokens, AccessTokens);
    crm.MayCall(webhooks, Events);
    crm.MayCall(tokens, AccessTokens);
    messaging.MayCall(webhooks, Events);
    messaging.MayCall(tokens, AccessTokens);
    messaging.MayCall(crm, "zohoplatform.crm.v1.Inbox");
    gatewayService.Fronts(
        tokens,
        $"{Connections}/CompleteAuthorization", $"{Connections}/CreateConnection", $"{Connections}/ListConnections",
        "zohoplatform.tokens.v1.IntegrationSettingsStore/UpdateSettings", KeyRing);
    gatewayService.Fronts(campaigns, "zohoplatform.campaigns.v1.CampaignsSettingsStore/UpdateSettings", KeyRing);
    gatewayService.Fronts(crm, "zohoplatform.crm.v1.Notifications");
    gatewayService.Fronts(
        messaging,
        "zohoplatform.messaging.v1.Conversations/OpenLink", "zohoplatform.messaging.v1.MessagingSettingsStore/UpdateSettings",
        "zohoplatform.messaging.v1.WhatsAppWebhooks", KeyRing);
    gatewayService.Fronts(webhooks, KeyRing);

    // where a provider sends a browser back to, and tells of changes
    var publicUrl = builder.Configuration["Gateway:PublicUrl"] is { Length: > 0 } configured
        ? configured
        : given.GetValueOrDefault(GivenSettings.PublicUrl);
    if (publicUrl is not null)
    {
        gateway.WithEnvironment("Gateway__PublicUrl", publicUrl);
        crm.ForEach(service => service.WithEnvironment("Notifications__Url", publicUrl));
    }
    else
    {
        gateway.WithEnvironment("Gateway__PublicUrl", gateway.GetEndpoint("http"));
        crm.ForEach(service => service.WithEnvironment("Notifications__Url", gateway.GetEndpoint("http")));
    }

    if (given.GetValueOrDefault(GivenSettings.AllowedOrigin) is { } origin)
    {
        gateway.WithEnvironment("Gateway__Cors__Origins__0", origin.TrimEnd('/'));
    }

    // the demo tenant is this machine's own: a manifest would carry its secrets elsewhere
    if (builder.ExecutionContext.IsRunMode)
    {
        // whose tables may be read is said by whoever launches it; to try the simulator, a PostgreSQL of this machine is one
        var tables = builder.Configuration["Sources:Hosts"] ?? (provider.IsSimulator ? "127.0.0.1:5432,localhost:5432" : "");
        campaigns.ForEach(service => service.WithEnvironment("Sources__Hosts", tables));
        var days = KnownSettings.Number(builder.Configuration, "Retention:Days", 730, from: 0, to: 36_500);
        campaigns.ForEach(service => service.WithEnvironment("Retention__Days", days.ToString(CultureInfo.InvariantCulture)));

        gateway.WithEnvironment("Bootstrap__EnvFile", Path.Combine(state.Root, LaunchState.DemoKey))
            .WithEnvironment("Bootstrap__Url", gateway.GetEndpoint("http"));
        foreach (var (name, value) in provider.Settings)
        {
            gateway.WithEnvironment(name, value);
        }
    }

    if (provider.IsSimulator && builder.ExecutionContext.IsRunMode)
    {
        var simulator = builder.AddProject<Projects.Simulator>("simulator")
            .AsBuilt<Projects.Simulator>()
            .OnOwnPort("http", KnownSettings.Port(builder.Configuration, "Simulator:Port", 0))
            .WithExternalHttpEndpoints()
            .WithEnvironment("Simulator__StateFile", Path.Combine(state.Root, "simulator.json"))
            .WithEnvironment("Simulator__Demo__ClientId", provider.Settings["ZOHO_CLIENT_ID"])
            .WithEnvironment("Simulator__Demo__Secrets__us", provider.Settings["ZOHO_CLIENT_SECRET"])
            .WithEnvironment("Simulator__Demo__RefreshTokens__us", provider.Settings["ZOHO_REFRESH_TOKEN"])
            .WithEnvironment("Simulator__Demo__ListKey", provider.Settings["ZOHO_CAMPAIGNS_LIST_KEY"])
            .WithEnvironment("Simulator__Demo__CrmData", "true")
            .WithEnvironment("Simulator__Demo__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/zoho/callback")
            .WithEnvironment("Simulator__Demo__HubSpot__ClientId", provider.Settings["HUBSPOT_CLIENT_ID"])
            .WithEnvironment("Simulator__Demo__HubSpot__ClientSecret", provider.Settings["HUBSPOT_CLIENT_SECRET"])
            .WithEnvironment("Simulator__Demo__HubSpot__RedirectUris__0", $"{gateway.GetEndpoint("http")}/api/v1/crm/hubspot/callback")
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithUrlForEndpoint("http", url => url.DisplayText = "Simulator")
            .WithIconName("BeakerSettings")
            .WithTrouble()
            .WithConversations(gateway, state);

        tokens.ForEach(service => service
            .WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http"))
            .WithExpireTokens(simulator));
        campaigns.ForEach(service => service.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")));
        crm.ForEach(service => service.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")));
        messaging.ForEach(service => service.WithEnvironment("Providers__SimulatorUrl", simulator.GetEndpoint("http")));
        // to try webhooks with a receiver on this machine
        webhooks.ForEach(service => service.WithEnvironment("Webhooks__AllowLoopback", "true"));
        gateway.WaitFor(simulator);
        if (publicUrl is not null)
        {
            simulator
                .WithEnvironment("Simulator__Demo__RedirectUris__1", $"{publicUrl.TrimEnd('/')}/api/v1/crm/zoho/callback")
                .WithEnvironment("Simulator__Demo__HubSpot__RedirectUris__1", $"{publicUrl.TrimEnd('/')}/api/v1/crm/hubspot/callback");
        }
    }

    builder.WithLogs(given);
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
