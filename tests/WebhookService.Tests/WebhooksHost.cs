using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.WebhookService.Data;
using Wire = ZohoPlatform.Contracts.Webhooks.V1;

namespace ZohoPlatform.WebhookService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class WebhooksHost : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly GrpcChannel _channel;

    private WebhooksHost(ServiceHost host)
    {
        _host = host;
        _channel = GrpcChannel.ForAddress(host.Address);
        Webhooks = new Wire.Webhooks.WebhooksClient(_channel);
        Events = new Wire.Events.EventsClient(_channel);
        Keys = new KeyRing.KeyRingClient(_channel);
        Audit = new AuditLog.AuditLogClient(_channel);
        Data = new TenantData.TenantDataClient(_channel);
    }

    public Wire.Webhooks.WebhooksClient Webhooks { get; }

    public Wire.Events.EventsClient Events { get; }

    public KeyRing.KeyRingClient Keys { get; }

    public AuditLog.AuditLogClient Audit { get; }

    public TenantData.TenantDataClient Data { get; }

    public IServiceProvider Services => _host.Services;

    public static async Task<WebhooksHost> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeProvider clock, RecordedLog log)
    {
        var all = (await new WebhooksDatabase().PrepareAsync(settings)).Append(new("Logging:LogLevel:Default", "Trace"));
        return new WebhooksHost(ServiceHost.Start<WebhooksDbContext>(all, log, clock));
    }

    public Uri Address => _host.Address;

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "webhooks", Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }
}
