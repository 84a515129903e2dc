using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class CrmHost : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly GrpcChannel _channel;

    private CrmHost(ServiceHost host, RecordedLog log)
    {
        (_host, Log) = (host, log);
        _channel = GrpcChannel.ForAddress(host.Address);
        Inbox = new Wire.Inbox.InboxClient(_channel);
        Feeds = new Wire.Feeds.FeedsClient(_channel);
        Notifications = new Wire.Notifications.NotificationsClient(_channel);
        Check = new Wire.CrmCheck.CrmCheckClient(_channel);
        Audit = new Contracts.Audit.V1.AuditLog.AuditLogClient(_channel);
        Data = new TenantData.TenantDataClient(_channel);
    }

    public RecordedLog Log { get; }

    public Wire.Inbox.InboxClient Inbox { get; }

    public Wire.Feeds.FeedsClient Feeds { get; }

    public Wire.Notifications.NotificationsClient Notifications { get; }

    public Wire.CrmCheck.CrmCheckClient Check { get; }

    public Contracts.Audit.V1.AuditLog.AuditLogClient Audit { get; }

    public TenantData.TenantDataClient Data { get; }

    public TenantDb<CrmDbContext> Db => _host.Services.GetRequiredService<TenantDb<CrmDbContext>>();

    public Uri Address => _host.Address;

    public static async Task<CrmHost> StartAsync(
        string database, string tokens, string webhooks, SimulatorProcess zoho, TimeProvider clock, Uri? notifications)
    {
        var log = new RecordedLog();
        var settings = new Dictionary<string, string?>(TestTickets.SettingsOf("crm"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:crm"] = await new CrmDatabase().PrepareAsync(database),
            ["ConnectionStrings:redis"] = (await TestServers.Shared).Redis,
            ["services:tokens:grpc:0"] = tokens,
            ["services:webhooks:grpc:0"] = webhooks,
            ["Providers:SimulatorUrl"] = zoho.Http.BaseAddress!.ToString(),
            ["Notifications:Url"] = notifications?.ToString(),
            // two services that subscribe, as others will
            ["Tickets:Issuers:campaigns:Calls"] = "zohoplatform.crm.v1.Inbox",
            ["Tickets:Issuers:webhooks:Calls"] = "zohoplatform.crm.v1.Inbox",
            // what is said for debugging holds no more of a person than the rest
            ["DEBUG"] = "true",
        };
        return new CrmHost(ServiceHost.Start<CrmDbContext>(settings, log, clock), log);
    }

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "crm", _host.Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }
}
