using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.TokenService.Data;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class TokenHost : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly GrpcChannel _channel;

    private TokenHost(ServiceHost host)
    {
        _host = host;
        _channel = GrpcChannel.ForAddress(host.Address);
        Tokens = new Wire.AccessTokens.AccessTokensClient(_channel);
        Connections = new Wire.Connections.ConnectionsClient(_channel);
        Settings = new IntegrationSettingsStore.IntegrationSettingsStoreClient(_channel);
        Audit = new AuditLog.AuditLogClient(_channel);
        Keys = new KeyRing.KeyRingClient(_channel);
        Health = new ConnectionHealth.ConnectionHealthClient(_channel);
        Data = new TenantData.TenantDataClient(_channel);
    }

    public Wire.AccessTokens.AccessTokensClient Tokens { get; }

    public Wire.Connections.ConnectionsClient Connections { get; }

    public IntegrationSettingsStore.IntegrationSettingsStoreClient Settings { get; }

    public AuditLog.AuditLogClient Audit { get; }

    public KeyRing.KeyRingClient Keys { get; }

    public ConnectionHealth.ConnectionHealthClient Health { get; }

    public TenantData.TenantDataClient Data { get; }

    public IServiceProvider Services => _host.Services;

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
        var all = (await new TokensDatabase().PrepareAsync(settings)).Append(new("Logging:LogLevel:Default", "Trace"));
        return new TokenHost(ServiceHost.Start<TokensDbContext>(all, log, clock, services =>
        {
            foreach (var provider in more)
            {
                services.AddSingleton(provider);
            }

            if (zoho is not null)
            {
                services.AddHttpClient<ZohoAccountsClient>().ConfigurePrimaryHttpMessageHandler(() => new Forward(zoho));
                services.AddHttpClient<HubSpotOAuthClient>().ConfigurePrimaryHttpMessageHandler(() => new Forward(hubSpot));
            }
        }));
    }

    public Uri Address => _host.Address;

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "tokens", Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }

    // the factory disposes its handlers, and one provider serves many hosts
    private sealed class Forward(HttpMessageHandler provider) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _provider = new(provider, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _provider.SendAsync(request, cancellationToken);
    }
}
