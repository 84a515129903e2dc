using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ZohoPlatform.ServiceDefaults.Grpc;

public static class ServiceClients
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers a gRPC client of another service of the platform. Its replicas are <c>services:{service}:grpc:{n}</c>, n from 0, as
        /// the app host injects them; they are called in turn, and one that cannot be connected to is passed over while it is down. TLS is
        /// used where the first address is https, and then for all.
        /// </summary>
        /// <exception cref="InvalidOperationException">No address is configured, or one is not an http(s) address.</exception>
        public IHttpClientBuilder AddServiceClient<TClient>(string service)
            where TClient : ClientBase
        {
            var entries = ConfiguredAddresses.EntriesOf(builder.Configuration, service).ToList();

            if (entries.Count == 0 || entries.Exists(entry => ConfiguredAddresses.AddressIn(entry) is null))
            {
                throw new InvalidOperationException(
                    $"services:{service}:grpc:0 is missing or one of its replicas is not an http(s) address: " +
                    $"set services__{service}__grpc__0 to the gRPC address of that service.");
            }

            var secure = ConfiguredAddresses.AddressIn(entries[0])!.Scheme == "https";

            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ResolverFactory, ConfiguredAddresses>());

            return builder.Services
                .AddGrpcClient<TClient>(options => options.Address = new Uri($"{ConfiguredAddresses.Scheme}:///{service}"))
                .ConfigureChannel(channel =>
                {
                    channel.Credentials = secure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure;
                    channel.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } };
                })
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
                {
                    EnableMultipleHttp2Connections = true,
                    ConnectTimeout = TimeSpan.FromSeconds(3),               // a machine that is gone refuses nothing
                    KeepAlivePingDelay = TimeSpan.FromSeconds(30),          // and says nothing on connections that were open
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                });
        }
    }
}
