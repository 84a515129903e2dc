using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ZohoPlatform.Client.AccessTokens;

namespace ZohoPlatform.Client;

/// <summary>The platform in a host with dependency injection.</summary>
public static class PlatformHosting
{
    private const string RestClientName = "ZohoPlatform";

    extension(IServiceCollection services)
    {
        /// <summary>
        /// Registers <see cref="PlatformClient"/>, one for all, and the contracts' public gRPC clients (<c>Connections.ConnectionsClient</c>,
        /// ...), which carry the key. A host does not start with settings that cannot be used. One gateway and one key in a process: a second
        /// call only sets options again.
        /// </summary>
        public IServiceCollection AddZohoPlatform(Action<PlatformOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            services.AddOptions<PlatformOptions>().Configure(configure).ValidateOnStart();
            if (services.Any(service => service.ServiceType == typeof(PlatformClient)))
            {
                return services;
            }

            services.AddSingleton<IValidateOptions<PlatformOptions>, PlatformOptionsCheck>();
            services.TryAddSingleton(TimeProvider.System);
            services.AddHttpClient(RestClientName)
                .ConfigureHttpClient((provider, http) =>
                {
                    var options = OptionsOf(provider);
                    PlatformClient.Prepare(http, options.Url!, options.ApiKey);
                })
                .ConfigurePrimaryHttpMessageHandler(PlatformClient.CreateHandler)
                // one client for as long as the process lives: its connections are renewed below it
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
            services.AddSingleton(provider => new PlatformClient(
                provider.GetRequiredService<IHttpClientFactory>().CreateClient(RestClientName), provider.GetRequiredService<TimeProvider>()));

            // those with a public method: a test holds the list against the contracts
            services.AddClient<Contracts.Tokens.V1.AccessTokens.AccessTokensClient>();
            services.AddClient<Contracts.Tokens.V1.ConnectionHealth.ConnectionHealthClient>();
            services.AddClient<Contracts.Tokens.V1.Connections.ConnectionsClient>();
            services.AddClient<Contracts.Tokens.V1.IntegrationSettingsStore.IntegrationSettingsStoreClient>();
            services.AddClient<Contracts.Campaigns.V1.CampaignResults.CampaignResultsClient>();
            services.AddClient<Contracts.Campaigns.V1.CampaignsSettingsStore.CampaignsSettingsStoreClient>();
            services.AddClient<Contracts.Campaigns.V1.Registrations.RegistrationsClient>();
            services.AddClient<Contracts.Campaigns.V1.Syncs.SyncsClient>();
            services.AddClient<Contracts.Crm.V1.CrmCheck.CrmCheckClient>();
            services.AddClient<Contracts.Messaging.V1.MessagingCheck.MessagingCheckClient>();
            services.AddClient<Contracts.Crm.V1.Feeds.FeedsClient>();
            services.AddClient<Contracts.Messaging.V1.Conversations.ConversationsClient>();
            services.AddClient<Contracts.Messaging.V1.Messages.MessagesClient>();
            services.AddClient<Contracts.Messaging.V1.MessagingChannels.MessagingChannelsClient>();
            services.AddClient<Contracts.Messaging.V1.MessagingSettingsStore.MessagingSettingsStoreClient>();
            services.AddClient<Contracts.Webhooks.V1.Webhooks.WebhooksClient>();
            return services;
        }

        private void AddClient<TClient>()
            where TClient : ClientBase => services
            // a full name: a service may have clients of its own with the same short one
            .AddGrpcClient<TClient>(typeof(TClient).FullName!, (provider, grpc) => grpc.Address = OptionsOf(provider).GrpcUrl
                ?? throw new InvalidOperationException(
                    "Zoho platform: GrpcUrl is not set. Set it to the address of the gateway's gRPC port, such as https://platform.example.com:8081."))
            // behind a proxy and on loopback the port speaks in clear
            .ConfigureChannel(channel => channel.UnsafeUseInsecureChannelCallCredentials = true)
            .AddCallCredentials((_, metadata, provider) =>
            {
                metadata.Add("authorization", $"Bearer {OptionsOf(provider).ApiKey}");
                return Task.CompletedTask;
            })
            .ConfigurePrimaryHttpMessageHandler(() =>
            {
                var handler = PlatformClient.CreateHandler();
                handler.EnableMultipleHttp2Connections = true;
                // a stream may be silent for minutes: pings tell that the other end is there
                handler.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
                handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
                return handler;
            });
    }

    extension(IHttpClientBuilder client)
    {
        /// <summary>
        /// Puts the connection's access token on every call, as its provider wants it. The token is kept in memory until shortly before it
        /// ends. One that the provider answers 401 to is reported, so that it is replaced for everyone, and the call is made once more where
        /// its body can be sent again. The token goes to https addresses of the connection's provider and data centre alone; a call to any
        /// other fails. Needs <c>AddZohoPlatform</c>, with a key that has the permission tokens:read for the connection.
        /// </summary>
        /// <param name="connectionId">The connection, as <see cref="PlatformClient.Connections"/> lists it.</param>
        public IHttpClientBuilder AddZohoAccessToken(string connectionId)
        {
            ArgumentNullException.ThrowIfNull(client);
            ArgumentException.ThrowIfNullOrWhiteSpace(connectionId);
            client.Services.TryAddSingleton<ConnectionTokens>();
            return client.AddHttpMessageHandler(
                provider => new AccessTokenHandler(provider.GetRequiredService<ConnectionTokens>().Of(connectionId)));
        }
    }

    private static PlatformOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<PlatformOptions>>().Value;
}
