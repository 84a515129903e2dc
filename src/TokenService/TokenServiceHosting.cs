using ZohoPlatform.Audit;
using ZohoPlatform.Erasure;
using ZohoPlatform.Events;
using ZohoPlatform.Providers;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connecting;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.RefreshAhead;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService;

internal static class TokenServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Everything that only this service has.</summary>
        public void AddTokenService()
        {
            builder.AddGrpcServer("tokens");
            builder.AddTickets("tokens");
            builder.AddRedisServer();
            builder.AddStorage(new TokensDatabase());
            builder.AddEventOutbox<TokensDbContext>();
            builder.AddOAuthProviders();
            builder.AddSealing<TokensDbContext>(
                "tokens",
                ConnectionRow.RefreshTokens, ConnectionRow.AccessTokens, ClientSecretRow.Secrets, Revocation.RefreshTokens);
            builder.AddAudit<TokensDbContext>("tokens", AuditActions.All);
            builder.AddErasure<TokensDbContext>();
            builder.AddHealth();

            var services = builder.Services;
            services.AddSingleton<SettingsStore>();
            services.AddSingleton<FeatureDirectory>();

            services.AddSingleton<TokenMetrics>();
            services.AddSingleton<FeatureMemory>();
            services.AddHosted<TokenMemory>();
            services.AddSingleton<SharedRedis>();
            services.AddHosted<TokenChanges>();
            services.AddSingleton<TokenCache>();
            services.AddSingleton<RefreshLease>();
            services.AddSingleton<TokenRefresher>();
            services.AddSingleton<KeyAccess>();
            services.AddHosted<HandOutAudit>();
            services.AddHosted<AccessTokenProvider>();
            // else made anew for every call
            services.AddSingleton<AccessTokensGrpc>();

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
            services.AddSingleton<TenantGrants>();
            services.AddSingleton(provider => new BeforeErasure(provider.GetRequiredService<TenantGrants>().TakeBackAsync));
            services.AddHostedService<ConnectionCensus>();
        }

        private void AddHealth()
        {
            var services = builder.Services;
            services.AddDatabaseSignal(HealthFeed.Channel);
            services.AddSingleton<HealthFeed>();
            services.AddSingleton<HealthDirectory>();
            services.AddSingleton<ConnectionAlerts>();
        }
    }

    extension(WebApplication app)
    {
        public void MapTokenService()
        {
            app.MapGrpcService<AccessTokensGrpc>();
            app.MapGrpcService<ConnectionsGrpc>();
            app.MapGrpcService<SettingsGrpc>();
            app.MapAudit();
            app.MapErasure();
            app.MapSealing();
            app.MapGrpcService<ConnectionHealthGrpc>();
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
