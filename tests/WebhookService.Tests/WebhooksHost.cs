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
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.WebhookService.Data;
using Wire = ZohoPlatform.Contracts.Webhooks.V1;

namespace ZohoPlatform.WebhookService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class WebhooksHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private WebhooksHost(WebApplication app)
    {
        _app = app;
        _channel = GrpcChannel.ForAddress(app.Urls.Single());
        Webhooks = new Wire.Webhooks.WebhooksClient(_channel);
        Events = new Wire.Events.EventsClient(_channel);
        Audit = new AuditLog.AuditLogClient(_channel);
    }

    public Wire.Webhooks.WebhooksClient Webhooks { get; }

    public Wire.Events.EventsClient Events { get; }

    public AuditLog.AuditLogClient Audit { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<WebhooksHost> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeProvider clock, RecordedLog log)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "WebhookService" });
        builder.Logging.ClearProviders().AddProvider(log).AddFilter<RecordedLog>(_ => true);
        // a test says all there is: the service's own file has other endpoints
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(await new WebhooksDatabase().MigrateAsync(settings));
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.AddWebhookService();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapWebhookService();
        await app.StartAsync();
        return new WebhooksHost(app);
    }

    public Uri Address => new(_app.Urls.Single());

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "webhooks", Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
