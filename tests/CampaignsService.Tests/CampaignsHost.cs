using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Syncs.Jobs;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class CampaignsHost : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly GrpcChannel _channel;

    private CampaignsHost(ServiceHost host, RecordedLog log)
    {
        (_host, Log) = (host, log);
        _channel = GrpcChannel.ForAddress(host.Address);
        Registrations = new Wire.Registrations.RegistrationsClient(_channel);
        Syncs = new Wire.Syncs.SyncsClient(_channel);
        Settings = new CampaignsSettingsStore.CampaignsSettingsStoreClient(_channel);
        Audit = new Contracts.Audit.V1.AuditLog.AuditLogClient(_channel);
        Keys = new KeyRing.KeyRingClient(_channel);
        Results = new CampaignResults.CampaignResultsClient(_channel);
        Contacts = new Wire.Contacts.ContactsClient(_channel);
        Data = new TenantData.TenantDataClient(_channel);
    }

    public RecordedLog Log { get; }

    public Wire.Registrations.RegistrationsClient Registrations { get; }

    public CampaignsSettingsStore.CampaignsSettingsStoreClient Settings { get; }

    public Contracts.Audit.V1.AuditLog.AuditLogClient Audit { get; }

    public Wire.Syncs.SyncsClient Syncs { get; }

    public KeyRing.KeyRingClient Keys { get; }

    public CampaignResults.CampaignResultsClient Results { get; }

    public Wire.Contacts.ContactsClient Contacts { get; }

    public TenantData.TenantDataClient Data { get; }

    public IServiceProvider Services => _host.Services;

    public TenantDb<CampaignsDbContext> Db => Services.GetRequiredService<TenantDb<CampaignsDbContext>>();

    /// <param name="database">Connection string; prepared by the first replica that starts on it.</param>
    /// <param name="tokens">Address of the token service.</param>
    /// <param name="webhooks">Address of the webhook service.</param>
    /// <param name="zoho">Whom it calls.</param>
    /// <param name="clock">Its time.</param>
    /// <param name="pushes">False for one that takes registrations and syncs, and leaves them to others.</param>
    /// <param name="ceiling">The share of Zoho's quotas that it uses.</param>
    public static async Task<CampaignsHost> StartAsync(
        string database, string tokens, string webhooks, Zoho zoho, TimeProvider clock, bool pushes, double ceiling)
    {
        var log = new RecordedLog();
        var settings = await SettingsAsync(database, tokens, webhooks, zoho, ceiling);
        return new CampaignsHost(
            ServiceHost.Start<CampaignsDbContext>(settings, log, clock, services =>
            {
                foreach (var worker in pushes ? [] : (Type[])[typeof(PushWorker), typeof(SyncWorker), typeof(UploadWorker)])
                {
                    services.Remove(services.Single(service => service.ImplementationType == worker));
                }
            }),
            log);
    }

    /// <summary>What a replica is told, in this process or in one of its own.</summary>
    public static async Task<IReadOnlyDictionary<string, string?>> SettingsAsync(
        string database, string tokens, string webhooks, Zoho zoho, double ceiling) =>
        new Dictionary<string, string?>(TestTickets.SettingsOf("campaigns"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:campaigns"] = await new CampaignsDatabase().PrepareAsync(database),
            ["ConnectionStrings:redis"] = (await TestServers.Shared).Redis,
            ["services:tokens:grpc:0"] = tokens,
            ["services:webhooks:grpc:0"] = webhooks,
            ["Sources:Hosts"] = $"127.0.0.1:{await SourceServer.PortAsync()}, 127.0.0.1:{new NpgsqlConnectionStringBuilder(database).Port}",
            ["Secrets:MasterKey"] = "ZmFrZS1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc=",
            // what is said for debugging holds no more of a person than the rest
            ["DEBUG"] = "true",
            ["Providers:SimulatorUrl"] = zoho.Url.ToString(),
            ["Providers:Quota:Ceiling"] = ceiling.ToString(CultureInfo.InvariantCulture),
        };

    public Uri Address => _host.Address;

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "campaigns", _host.Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }
}
