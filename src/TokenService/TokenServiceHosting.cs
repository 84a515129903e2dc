using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ZohoPlatform.Providers;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Audit;
using ZohoPlatform.TokenService.Authorization;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.RefreshAhead;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Secrets;
using ZohoPlatform.TokenService.Settings;
using ZohoPlatform.TokenService.Webhooks;

namespace ZohoPlatform.TokenService;

internal static class TokenServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Everything that only this service has.</summary>
        public void AddTokenService()
        {
            builder.AddGrpcServer();
            builder.AddRedisServer();
            builder.AddStorage<TokensDbContext>("tokens", (options, tenant) => new TokensDbContext(options, tenant));
            builder.AddZohoAccounts();
            builder.AddHubSpotOAuth();
            builder.AddSecrets();
            builder.AddHealthAndWebhooks();

            var services = builder.Services;
            services.AddSingleton<SettingsStore>();
            services.AddSingleton<ProviderAccounts>();

            services.AddSingleton<TokenMetrics>();
            services.AddHosted<TokenMemory>();
            services.AddSingleton<SharedRedis>();
            services.AddHosted<TokenChanges>();
            services.AddSingleton<TokenCache>();
            services.AddSingleton<RefreshLease>();
            services.AddSingleton<TokenRefresher>();
            services.AddHosted<HandOutAudit>();
            services.AddSingleton<AuditReader>();
            services.AddHosted<AccessTokenProvider>();

            services.AddHosted<UsedTokens>();
            services.AddWorkQueue(RefreshAheadWorker.Queue);
            services.AddHostedService<RefreshAheadWorker>();

            services.AddSingleton<RevocationQueue>();
            services.AddWorkQueue(RevocationWorker.Queue);
            services.AddHostedService<RevocationWorker>();
            services.AddSingleton<Grants>();
            services.AddSingleton<GrantImport>();
            services.AddSingleton<AuthorizationFlow>();
            services.AddSingleton<ConnectionDirectory>();
            services.AddSingleton<ConnectionTest>();
            services.AddHostedService<ConnectionCensus>();
        }

        private void AddHealthAndWebhooks()
        {
            var services = builder.Services;
            services.AddDatabaseSignal(HealthFeed.Channel);
            services.AddSingleton<HealthFeed>();
            services.AddSingleton<HealthDirectory>();
            services.AddSingleton<ConnectionAlerts>();

            services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
            services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
            services.AddSingleton<ReceiverAddresses>();
            services.AddSingleton<WebhookSender>();
            services.AddSingleton<Deliveries>();
            services.AddSingleton<WebhookStore>();
            services.AddWorkQueue(Deliveries.Queue);
            services.AddHostedService<DeliveryWorker>();
        }

        // after the storage: the ring is looked at once the database is prepared, and before anything else uses it
        private void AddSecrets()
        {
            var services = builder.Services;
            services.AddSingleton<IValidateOptions<MasterKeyOptions>, MasterKeyOptionsValidator>();
            services.AddOptions<MasterKeyOptions>().BindConfiguration(MasterKeyOptions.Section)
                .Validate<IConfiguration>(
                    (secrets, configuration) => !secrets.HasKeyOf(configuration[$"{TicketOptions.Section}:{nameof(TicketOptions.Key)}"]),
                    "Secrets:MasterKey and Tickets:Key hold the same key: make another one for Secrets:MasterKey with: openssl rand -base64 32 "
                        + "(an installation that has secrets stored adds it second, then moves it first)")
                .ValidateOnStart();
            services.AddSingleton(provider => provider.GetRequiredService<IOptions<MasterKeyOptions>>().Value.Read());

            services.AddSingleton<KeyRing>();
            services.AddRing();
            services.AddSingleton<SecretRing>();
            services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<SecretRing>());
            services.AddHostedService<KeyRingCheck>();
            services.AddSingleton<Seals>();
            services.AddHosted<Resealer>();
        }
    }

    extension(WebApplication app)
    {
        public void MapTokenService()
        {
            app.MapGrpcService<AccessTokensGrpcService>();
            app.MapGrpcService<ConnectionsGrpcService>();
            app.MapGrpcService<SettingsGrpcService>();
            app.MapGrpcService<AuditLogGrpcService>();
            app.MapGrpcService<KeyRingGrpcService>();
            app.MapGrpcService<ConnectionHealthGrpcService>();
            app.MapGrpcService<WebhooksGrpcService>();
        }
    }

    extension(IServiceCollection services)
    {
        // one and the same for those who call it and for the host that starts and stops it
        private void AddHosted<T>()
            where T : class, IHostedService
        {
            services.AddSingleton<T>();
            services.AddHostedService(provider => provider.GetRequiredService<T>());
        }
    }
}
