using Grpc.Health.V1;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Access;

/// <summary>Who may call, how often, and what is done once. All of it is the gateway's own: it needs no service.</summary>
internal static class AccessArea
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddAccessArea()
        {
            var services = builder.Services;

            services.AddSingleton<KeyDirectory>();
            services.AddSingleton<ApiKeyStore>();
            services.AddSingleton<ApiKeyVerifier>();
            services.AddSingleton<ApiKeyCheck>();
            services.AddSingleton<KeyConnections>();
            services.AddAuthentication(ApiKeyHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, configureOptions: null);
            services.AddAuthorizationBuilder().AddRolePolicies();
            services.AddSingleton<TenantStore>();

            services.AddSingleton<IValidateOptions<PlatformKeyOptions>, PlatformKeyOptionsValidator>();
            services.AddOptions<PlatformKeyOptions>().BindConfiguration(PlatformKeyOptions.Section).ValidateOnStart();
            services.AddHostedService<PlatformKey>();

            services.AddSingleton<IValidateOptions<RateLimitOptions>, RateLimitOptionsValidator>();
            services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateOnStart();
            services.AddSingleton<RedisBuckets>();
            services.AddSingleton<LocalBuckets>();
            services.AddSingleton<RequestLimiter>();
            services.AddSingleton<RateLimitMiddleware>();
            services.AddSingleton<OpenStreams>();
            services.AddSingleton<CallLife>();
            services.AddSingleton<LongCalls>();

            services.AddSingleton<IdempotencyStore>();
            services.AddSingleton<IdempotentRequests>();
            services.AddHostedService<IdempotencySweeper>();

            foreach (var service in ServiceAreas.Configured(builder.Configuration))
            {
                builder.AddServiceClient<Health.HealthClient>(service);
            }

            services.AddHostedService<FirstRequests>();
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAccessArea()
        {
            var api = routes.MapApi();
            api.MapApiKeys();
            api.MapTenants();
            routes.MapWhoAmI();
        }
    }
}
