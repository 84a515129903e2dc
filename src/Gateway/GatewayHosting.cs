using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Audit;
using ZohoPlatform.Gateway.Bootstrap;
using ZohoPlatform.Gateway.Campaigns;
using ZohoPlatform.Gateway.Campaigns.Results;
using ZohoPlatform.Gateway.Campaigns.Syncs;
using ZohoPlatform.Gateway.Connections;
using ZohoPlatform.Gateway.Docs;
using ZohoPlatform.Gateway.Door;
using ZohoPlatform.Gateway.KeyRing;
using ZohoPlatform.Gateway.OAuth;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.Gateway.Security;
using ZohoPlatform.Gateway.Settings;
using ZohoPlatform.Gateway.Webhooks;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway;

/// <summary>The gateway's table of contents.</summary>
internal static class GatewayHosting
{
    extension(WebApplicationBuilder builder)
    {
        public void AddGateway()
        {
            var services = builder.Services;

            services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
            services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();

            builder.AddStorage(new GatewayDatabase());
            // links for browsers are sealed and kept nowhere
            builder.AddSealing<GatewayDbContext>(ServiceCalls.Service);
            builder.AddRedisServer();
            builder.AddServices();
            builder.AddAuditArea();
            builder.AddHttp();
            services.AddSingleton<DistributedContextPropagator, OwnTraces>();

            services.AddSingleton<KeyDirectory>();
            services.AddSingleton<ApiKeyStore>();
            services.AddSingleton<ApiKeyVerifier>();
            services.AddSingleton<ApiKeyCheck>();
            services.AddSingleton<KeyConnections>();
            services.AddAuthentication(ApiKeyHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, configureOptions: null);
            services.AddAuthorizationBuilder().AddRolePolicies();

            services.AddSingleton<IValidateOptions<RateLimitOptions>, RateLimitOptionsValidator>();
            services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateOnStart();
            services.AddSingleton<RedisBuckets>();
            services.AddSingleton<LocalBuckets>();
            services.AddSingleton<RequestLimiter>();
            services.AddSingleton<RateLimitMiddleware>();

            services.AddSingleton<IdempotencyStore>();
            services.AddSingleton<IdempotentRequests>();
            services.AddHostedService<IdempotencySweeper>();

            services.AddSingleton<TenantStore>();
            services.AddSingleton<OAuthStartLinks>();
            builder.AddBootstrap();
            services.AddApiDescription();
            builder.AddDoor();
        }

        private void AddServices()
        {
            builder.AddTickets(ServiceCalls.Service);
            builder.Services.AddSingleton<ServiceCalls>();
            builder.AddAreaClient<Contracts.Tokens.V1.Connections.ConnectionsClient>(
                "tokens", repeatable: ["ListConnections", "GetConnection", "ResolveConnection"]);
            builder.AddAreaClient<AccessTokens.AccessTokensClient>("tokens", repeatable: ["GetAccessToken"]);
            builder.AddAreaClient<IntegrationSettingsStore.IntegrationSettingsStoreClient>("tokens", repeatable: ["GetSettings"]);
            builder.AddAreaClient<Contracts.Tokens.V1.KeyRing.KeyRingClient>("tokens", repeatable: ["GetStatus"]);
            builder.AddAreaClient<ConnectionHealth.ConnectionHealthClient>(
                "tokens", repeatable: ["GetHealth", "ListHealth", "WatchHealth"]);
            builder.AddAreaClient<Registrations.RegistrationsClient>("campaigns", repeatable: ["GetRegistration", "ListRegistrations"]);
            builder.AddAreaClient<CampaignsSettingsStore.CampaignsSettingsStoreClient>(
                "campaigns", repeatable: ["GetSettings", "GetQuota"]);
            builder.AddAreaClient<Syncs.SyncsClient>(
                "campaigns", repeatable: ["GetSync", "ListSyncs", "WatchSync", "ListSyncContacts", "ExportSyncContacts"]);
            builder.AddAreaClient<CampaignResults.CampaignResultsClient>(
                "campaigns",
                repeatable: ["ListMailingLists", "ListSubscribers", "ListCampaigns", "GetCampaignReport", "ListCampaignRecipients"]);
            builder.AddAreaClient<Contracts.Webhooks.V1.Webhooks.WebhooksClient>(
                "webhooks", repeatable: ["ListWebhooks", "ListDeliveries", "ListEventTypes"]);
        }

        private void AddHttp()
        {
            var services = builder.Services;

            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxBodyBytes;
            });
            services.Configure<JsonOptions>(options =>
            {
                var json = options.SerializerOptions;
                json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                json.PropertyNameCaseInsensitive = false;
                json.NumberHandling = JsonNumberHandling.Strict;
                json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
                json.AllowDuplicateProperties = false;
                json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
                json.Converters.Add(new UtcTimes());
                json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(NoNullElements.Apply);
            });
            services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
            services.AddExceptionHandler<ExceptionProblems>();
            services.AddRequestTimeouts(options => options.DefaultPolicy = RequestLimits.Usual);
            services.AddCors();
            services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<GatewayOptions>>((cors, options) =>
                cors.AddDefaultPolicy(policy => policy
                    .WithOrigins([.. options.Value.Cors.Origins])
                    .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
                    .WithHeaders("Authorization", "Content-Type", IdempotentRequests.HeaderName, SyncEventEndpoint.LastEventId)
                    .WithExposedHeaders(
                        "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
                        IdempotentRequests.ReplayedHeaderName, "Content-Disposition")));
            services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>((forwarded, options) =>
            {
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                foreach (var proxy in options.Value.KnownProxies)
                {
                    forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                    if (IPAddress.TryParse(proxy, out var address))
                    {
                        forwarded.KnownProxies.Add(address);
                    }
                    else
                    {
                        forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
                    }
                }
            });
        }
    }

    extension(WebApplication app)
    {
        public void UseGateway()
        {
            app.UseForwardedHeaders();
            app.UseDoor();
            app.UseSecurityHeaders();
            app.UseExceptionHandler(_ => { });
            app.UseStatusCodePages(context => BareStatuses.Of(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
            app.UseSwaggerUI(page =>
            {
                page.SwaggerEndpoint(OpenApiDocument.Path, "v1");
                page.RoutePrefix = "swagger";
                page.DocumentTitle = "The Zoho platform";
            });
            app.UseRouting();
            app.UseRequestTimeouts();
            app.UseCors();
            app.UseAuthentication();
            app.UseMiddleware<RateLimitMiddleware>();
            app.UseAuthorization();
            app.UseMiddleware<IdempotentRequests>();
        }

        public void MapGateway()
        {
            var api = app.MapGroup("").Fails(401, 403, 429, 500, 503);
            api.MapApiKeys();
            api.MapTenants();
            api.MapWhoAmI();
            api.MapAudit();

            var campaigns = api.MapGroup("").Needs("campaigns");
            campaigns.MapContacts();
            campaigns.MapSyncs();
            campaigns.MapLists();
            campaigns.MapReports();
            campaigns.MapQuota();

            var tokens = api.MapGroup("").Needs("tokens");
            tokens.MapConnections();
            tokens.MapConnectionHealth();
            tokens.MapAccessTokens();
            tokens.MapKeyRing();
            tokens.MapGroup("").Needs("campaigns").MapSettings();

            api.MapGroup("").Needs("webhooks").MapWebhooks();

            var browsers = app.MapGroup("").Fails(429, 500, 503).Needs("tokens");
            browsers.MapOAuth();

            app.MapOpenApi().AllowAnonymous().WithMetadata(new LimitedPerAddress());
            app.MapGet("/", () => Results.Redirect("/swagger")).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
