using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.HubSpot;
using ZohoPlatform.Providers.HubSpot.OAuth;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.Providers.Zoho.Finance;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers;

public static class ProvidersHosting
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>All providers whose grants the platform keeps, in <see cref="ProviderCatalogue"/>, and <see cref="ProviderAddress"/>.</summary>
        public void AddOAuthProviders()
        {
            builder.AddZohoAccounts();
            builder.AddHubSpotOAuth();
            builder.Services.AddSingleton<OAuthProvider, ZohoProvider>();
            builder.Services.AddSingleton<OAuthProvider, HubSpotProvider>();
            builder.Services.AddSingleton<ProviderCatalogue>();
        }

        /// <summary><see cref="ZohoAccountsClient"/> and <see cref="ProviderAddress"/>.</summary>
        public void AddZohoAccounts()
        {
            builder.AddProviderAddress();
            builder.Services.AddHttpClient<ZohoAccountsClient>(http =>
                {
                    http.Timeout = ZohoAccountsClient.CallTimeout;
                    http.MaxResponseContentBufferSize = ProviderAnswer.MaxTokenBytes;
                })
                .RemoveAllLoggers()     // a revocation has the token in its query; failures are values, traces have the calls without it
                .AddHttpMessageHandler<ProviderAddressHandler>()
                .ConfigurePrimaryHttpMessageHandler(CreateSocketsHandler);
        }

        /// <summary><see cref="HubSpotOAuthClient"/> and <see cref="ProviderAddress"/>.</summary>
        public void AddHubSpotOAuth()
        {
            builder.AddProviderAddress();
            builder.Services.AddSingleton<IValidateOptions<HubSpotOptions>, HubSpotOptionsValidator>();
            builder.Services.AddOptions<HubSpotOptions>().BindConfiguration(HubSpotOptions.Section).ValidateOnStart();
            builder.Services.AddHttpClient<HubSpotOAuthClient>(http =>
                {
                    http.Timeout = HubSpotOAuthClient.CallTimeout;
                    http.MaxResponseContentBufferSize = ProviderAnswer.MaxTokenBytes;
                })
                .RemoveAllLoggers()
                .AddHttpMessageHandler<ProviderAddressHandler>()
                .ConfigurePrimaryHttpMessageHandler(() =>
                {
                    // v1 has tokens in its addresses, which a trace would show: without a propagator .NET traces nothing
                    var handler = CreateSocketsHandler();
                    handler.ActivityHeadersPropagator = null;
                    return handler;
                });
        }

        /// <summary>
        /// <see cref="ProviderAccess"/>. Needs Redis (<c>AddRedisServer</c>), tickets (<c>AddTickets</c> or <c>AddGrpcServer</c>) and the
        /// token service's client (<c>AddServiceClient&lt;AccessTokens.AccessTokensClient&gt;("tokens", ...)</c>).
        /// </summary>
        public void AddProviderAccess()
        {
            var services = builder.Services;
            if (services.Any(service => service.ServiceType == typeof(ProviderAccess)))
            {
                return;     // each product's client brings it, and one memory serves all of them
            }

            services.AddSingleton<AccessMemory>();
            services.AddHostedService(provider => provider.GetRequiredService<AccessMemory>());
            services.AddSingleton(provider => new ProviderAccess(
                provider.GetRequiredService<AccessTokens.AccessTokensClient>(),
                provider.GetRequiredService<Tickets>(),
                provider.GetRequiredService<AccessMemory>()));
        }

        /// <summary><see cref="FeatureAccess"/> of the one feature that the service calls, and <see cref="ProviderAccess"/> with what that needs.</summary>
        /// <param name="feature">Its name as its provider has it.</param>
        public void AddFeatureAccess(string feature)
        {
            builder.AddProviderAccess();
            builder.Services.AddSingleton(provider => new FeatureAccess(provider.GetRequiredService<ProviderAccess>(), feature));
        }

        /// <summary><see cref="CampaignsClient"/>, <see cref="QuotaGovernor"/> and <see cref="ProviderAccess"/> with what that needs.</summary>
        public void AddZohoCampaigns() => builder.AddProduct<CampaignsClient>();

        /// <summary>
        /// <see cref="CrmClient"/>, <see cref="QuotaGovernor"/>, <see cref="ConcurrencyGovernor"/> and <see cref="ProviderAccess"/> with what
        /// that needs.
        /// </summary>
        public void AddZohoCrm() => builder.AddPlannedProduct<CrmClient>();

        /// <summary><see cref="FinanceClient"/>, with the same.</summary>
        public void AddZohoFinance() => builder.AddPlannedProduct<FinanceClient>();

        // whose calls at once and in all go by what the organisation has bought
        private void AddPlannedProduct<TClient>()
            where TClient : class
        {
            builder.Services.TryAddSingleton<ConcurrencyGovernor>();
            builder.Services.TryAddTransient<ConcurrencyHandler>();
            builder.Services.TryAddSingleton<KnownPlans>();
            builder.AddProduct<TClient>(client => client.AddHttpMessageHandler<ConcurrencyHandler>());
        }

        // the way of a product's calls; limits are what each attempt meets last
        private void AddProduct<TClient>(Action<IHttpClientBuilder>? limit = null)
            where TClient : class
        {
            builder.AddProviderAddress();
            builder.AddProviderAccess();
            builder.Services.TryAddSingleton<QuotaGovernor>();
            builder.Services.TryAddTransient<AccessTokenHandler>();
            builder.Services.TryAddTransient<QuotaHandler>();

            var client = builder.Services.AddHttpClient<TClient>(http =>
                {
                    http.Timeout = ProviderPipeline.TotalTimeout;
                    http.MaxResponseContentBufferSize = ProviderAnswer.MaxBytes;
                })
                .RemoveAllLoggers()
                .AddHttpMessageHandler<AccessTokenHandler>()
                .AddProviderPipeline();
            limit?.Invoke(client);
            client
                .AddHttpMessageHandler<QuotaHandler>()
                .AddHttpMessageHandler<ProviderAddressHandler>()
                .ConfigurePrimaryHttpMessageHandler(CreateSocketsHandler);
        }

        private void AddProviderAddress()
        {
            builder.Services.TryAddSingleton<IValidateOptions<ProvidersOptions>, ProvidersOptionsValidator>();
            builder.Services.AddOptions<ProvidersOptions>().BindConfiguration(ProvidersOptions.Section).ValidateOnStart();
            builder.Services.TryAddSingleton<ProviderAddress>();
            builder.Services.TryAddTransient<ProviderAddressHandler>();
        }
    }

    // a redirect followed would carry secrets and tokens to wherever it leads
    private static SocketsHttpHandler CreateSocketsHandler() => new()
    {
        // the platform's traces are none of a provider's business; the call itself is in them
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),     // addresses of data centres change
    };
}
