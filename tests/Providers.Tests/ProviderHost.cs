using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.Providers.Zoho.Finance;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Providers.Tests;

/// <summary>
/// A service that uses the providers, as the real ones register them; what is outside of it is played, but Redis is real.
/// </summary>
internal sealed class ProviderHost : IDisposable
{
    private readonly IHost _host;

    private ProviderHost(IHost host) => _host = host;

    public static Task<ProviderHost> CreateAsync(params (string Key, string Value)[] settings) => CreateAsync(isPlayed: true, settings);

    /// <summary>The provider is a simulator that runs there; what was played is not asked.</summary>
    public static Task<ProviderHost> CreateAtAsync(Uri simulator) =>
        CreateAsync(isPlayed: false, ("Providers:SimulatorUrl", simulator.AbsoluteUri));

    private static async Task<ProviderHost> CreateAsync(bool isPlayed, params (string Key, string Value)[] settings)
    {
        var redis = (await TestServers.Shared).Redis;
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "tests" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(TestTickets.SettingsOf("campaigns"), StringComparer.Ordinal)
        {
            ["ConnectionStrings:redis"] = redis,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));

        var clock = new ImpatientClock();
        // whoever waits for an answer that never comes has waited for as long as an attempt lasts
        var provider = new PlayedProvider { Waits = () => clock.Advance(TimeSpan.FromSeconds(10)) };
        var tokens = new PlayedTokenService(clock);
        builder.Services.AddSingleton(provider).AddSingleton(tokens);
        builder.Services.AddSingleton<FakeTimeProvider>(clock).AddSingleton<TimeProvider>(clock);

        builder.AddServiceDefaults();
        builder.AddTickets("campaigns");
        builder.AddRedisServer();
        builder.AddZohoAccounts();
        builder.AddZohoCampaigns();
        builder.AddZohoCrm();
        builder.AddZohoFinance();
        builder.Services.AddSingleton(new AccessTokens.AccessTokensClient(tokens));
        if (isPlayed)
        {
            builder.Services.AddHttpClient(nameof(ZohoAccountsClient)).ConfigurePrimaryHttpMessageHandler(() => provider);
            builder.Services.AddHttpClient(nameof(CrmClient)).ConfigurePrimaryHttpMessageHandler(() => provider);
            builder.Services.AddHttpClient(nameof(FinanceClient)).ConfigurePrimaryHttpMessageHandler(() => provider);
            builder.Services.AddHttpClient(nameof(CampaignsClient)).ConfigurePrimaryHttpMessageHandler(() => provider);
        }

        return new ProviderHost(builder.Build());
    }

    public PlayedProvider Provider => Get<PlayedProvider>();

    public PlayedTokenService Tokens => Get<PlayedTokenService>();

    public FakeTimeProvider Clock => Get<FakeTimeProvider>();

    public CampaignsClient Campaigns => Get<CampaignsClient>();

    public CrmClient Crm => Get<CrmClient>();

    public FinanceClient Finance => Get<FinanceClient>();

    public ZohoAccountsClient Accounts => Get<ZohoAccountsClient>();

    /// <summary>A call for a tenant of this host's own, so that no other test shares its quota.</summary>
    public ProviderCall Call { get; } = new(new TenantId(Guid.NewGuid()), "connection-1", "eu", "campaigns.push");

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public void Dispose() => _host.Dispose();

    /// <summary>Stands still until a test moves it, except for pauses between two tries: they are over when they have begun.</summary>
    private sealed class ImpatientClock() : FakeTimeProvider(StandingClock.Noon)
    {
        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime <= LongestPause)
            {
                // not here: whoever made the timer does not have it yet
                ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
            }

            return timer;
        }
    }
}
