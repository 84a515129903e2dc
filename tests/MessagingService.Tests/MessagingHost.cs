using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>One replica of the real service in this process, on a port of its own.</summary>
internal sealed class MessagingHost : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly GrpcChannel _channel;

    private MessagingHost(ServiceHost host, RecordedLog log)
    {
        (_host, Log) = (host, log);
        _channel = GrpcChannel.ForAddress(host.Address);
        Messages = new Wire.Messages.MessagesClient(_channel);
        Conversations = new Wire.Conversations.ConversationsClient(_channel);
        Channels = new Wire.MessagingChannels.MessagingChannelsClient(_channel);
        WhatsApp = new Wire.WhatsAppWebhooks.WhatsAppWebhooksClient(_channel);
        Settings = new Wire.MessagingSettingsStore.MessagingSettingsStoreClient(_channel);
        Check = new Wire.MessagingCheck.MessagingCheckClient(_channel);
        Data = new TenantData.TenantDataClient(_channel);
    }

    public RecordedLog Log { get; }

    public Wire.Messages.MessagesClient Messages { get; }

    public Wire.Conversations.ConversationsClient Conversations { get; }

    public Wire.MessagingChannels.MessagingChannelsClient Channels { get; }

    public Wire.WhatsAppWebhooks.WhatsAppWebhooksClient WhatsApp { get; }

    public Wire.MessagingSettingsStore.MessagingSettingsStoreClient Settings { get; }

    public Wire.MessagingCheck.MessagingCheckClient Check { get; }

    public TenantData.TenantDataClient Data { get; }

    public IServiceProvider Services => _host.Services;

    public Uri Address => _host.Address;

    public static MessagingHost Start(IReadOnlyDictionary<string, string?> settings, TimeProvider clock)
    {
        var log = new RecordedLog();
        return new MessagingHost(ServiceHost.Start<MessagingDbContext>(settings, log, clock), log);
    }

    /// <summary>What a replica is told.</summary>
    public static async Task<IReadOnlyDictionary<string, string?>> SettingsAsync(
        string database, string masterKey, string tokens, string crm, string webhooks, SimulatorProcess zoho) =>
        new Dictionary<string, string?>(TestTickets.SettingsOf("messaging"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:messaging"] = await new MessagingDatabase().PrepareAsync(database),
            ["ConnectionStrings:redis"] = (await TestServers.Shared).Redis,
            ["Secrets:MasterKey"] = masterKey,
            ["services:tokens:grpc:0"] = tokens,
            ["services:crm:grpc:0"] = crm,
            ["services:webhooks:grpc:0"] = webhooks,
            ["Providers:SimulatorUrl"] = zoho.Http.BaseAddress!.ToString(),
            // what is said for debugging holds no more of a person than the rest
            ["DEBUG"] = "true",
        };

    public Metadata TicketOf(TenantId tenant, Role role) =>
        TestTickets.For(tenant, role, "messaging", _host.Services.GetRequiredService<TimeProvider>());

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }
}
