using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class TokenHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private TokenHost(WebApplication app)
    {
        _app = app;
        _channel = GrpcChannel.ForAddress(app.Urls.Single());
        Tokens = new Wire.AccessTokens.AccessTokensClient(_channel);
        Connections = new Wire.Connections.ConnectionsClient(_channel);
        Settings = new IntegrationSettingsStore.IntegrationSettingsStoreClient(_channel);
        Audit = new AuditLog.AuditLogClient(_channel);
        Keys = new Wire.KeyRing.KeyRingClient(_channel);
        Health = new ConnectionHealth.ConnectionHealthClient(_channel);
    }

    public Wire.AccessTokens.AccessTokensClient Tokens { get; }

    public Wire.Connections.ConnectionsClient Connections { get; }

    public IntegrationSettingsStore.IntegrationSettingsStoreClient Settings { get; }

    public AuditLog.AuditLogClient Audit { get; }

    public Wire.KeyRing.KeyRingClient Keys { get; }

    public ConnectionHealth.ConnectionHealthClient Health { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Configuration.</param>
    /// <param name="clock">The service's clock.</param>
    /// <param name="log">Takes every line.</param>
    /// <param name="zoho">Plays Zoho; null where the configuration leads to a simulator.</param>
    /// <param name="hubSpot">Plays HubSpot, where Zoho is played.</param>
    /// <param name="more">Providers beside them.</param>
    public static async Task<TokenHost> StartAsync(
        IReadOnlyDictionary<string, string?> settings, TimeProvider clock, RecordedLog log, PlayedZoho? zoho, PlayedHubSpot hubSpot,
        IEnumerable<OAuthProvider> more)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "TokenService" });
        builder.Logging.ClearProviders().AddProvider(log).AddFilter<RecordedLog>(_ => true);
        // a test says all there is: the service's own file has other endpoints
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(await new TokensDatabase().MigrateAsync(settings));
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.AddTokenService();
        foreach (var provider in more)
        {
            builder.Services.AddSingleton(provider);
        }

        if (zoho is not null)
        {
            builder.Services.AddHttpClient<ZohoAccountsClient>().ConfigurePrimaryHttpMessageHandler(() => new Forward(zoho));
            builder.Services.AddHttpClient<HubSpotOAuthClient>().ConfigurePrimaryHttpMessageHandler(() => new Forward(hubSpot));
        }

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapTokenService();
        await app.StartAsync();
        return new TokenHost(app);
    }

    public Uri Address => new(_app.Urls.Single());

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "tokens", Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    // the factory disposes its handlers, and one provider serves many hosts
    private sealed class Forward(HttpMessageHandler provider) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _provider = new(provider, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _provider.SendAsync(request, cancellationToken);
    }
}
