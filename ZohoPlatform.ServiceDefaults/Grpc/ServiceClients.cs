using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Grpc.Net.ClientFactory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.ServiceDefaults.Identity;
using ServiceDescription = Google.Protobuf.Reflection.ServiceDescriptor;

namespace ZohoPlatform.ServiceDefaults.Grpc;

public static class ServiceClients
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers a gRPC client of another service of the platform. Its replicas are <c>services:{service}:grpc:{n}</c>, n from 0, as
        /// the app host injects them, or one <c>dns:///host:port</c> that stands for all of them. They are called in turn: those with a
        /// connection, and of them one that refused another is passed over for a second, one that answers nothing for fifteen. TLS is used where the first address is https, and
        /// then for all; a name in DNS is called in clear.
        /// <para>
        /// Calls with <see cref="CallerCredentials"/> carry a ticket for the service (<c>AddTickets</c>).
        /// </para>
        /// <para>
        /// A call that never reached a replica goes to another one, whatever it asks for. One that was cut off may have been done: it is
        /// made again, within the caller's deadline, where its method is named here. What a service itself answers is never asked again.
        /// </para>
        /// </summary>
        /// <param name="service">Its name in the configuration.</param>
        /// <param name="repeatable">The methods that may be called twice for one: reads, and what does nothing the second time.</param>
        /// <exception cref="InvalidOperationException">
        /// No address is configured, one cannot be used, or <paramref name="repeatable"/> names a method that the service does not have.
        /// </exception>
        public IHttpClientBuilder AddServiceClient<TClient>(string service, params ReadOnlySpan<string> repeatable)
            where TClient : ClientBase
        {
            var addresses = ConfiguredAddresses.Of(builder.Configuration, service);
            var policies = new List<MethodConfig> { Policy(MethodName.Default, OfNoService) };
            foreach (var method in repeatable)
            {
                policies.Add(Policy(MethodOf<TClient>(method), StatusCode.Unavailable));
            }

            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ResolverFactory, ConfiguredAddresses>());
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ResolverFactory, DnsResolverFactory>(
                _ => new DnsResolverFactory(refreshInterval: TimeSpan.FromSeconds(30))));   // by itself it asks again when one is lost only

            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<LoadBalancerFactory, ReachableInTurn>());

            return builder.Services
                .AddGrpcClient<TClient>(NameOf<TClient>(service), options => options.Address = addresses.Target)
                .ConfigureChannel(channel =>
                {
                    channel.Credentials = addresses.Secure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure;
                    // by itself up to 2 minutes, for which a restarted replica would idle; shorter than calls wait for one (see Patience)
                    channel.InitialReconnectBackoff = TimeSpan.FromMilliseconds(200);
                    channel.MaxReconnectBackoff = TimeSpan.FromSeconds(1);
                    channel.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new LoadBalancingConfig(ReachableInTurn.Policy) } };
                    policies.ForEach(channel.ServiceConfig.MethodConfigs.Add);
                })
                .AddInterceptor(InterceptorScope.Client, provider => new TicketInterceptor(service, provider.GetRequiredService<Tickets>()))
                .AddHttpMessageHandler(() => new LostCalls())
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
                {
                    EnableMultipleHttp2Connections = true,
                    UseProxy = false,                                       // one of the environment knows nothing of the platform's own network
                    ConnectTimeout = TimeSpan.FromSeconds(3),               // a machine that is gone refuses nothing
                    KeepAlivePingDelay = TimeSpan.FromSeconds(3),           // and says nothing on connections that were open
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(5),         // both: sooner than a call's ten seconds, which leaves time to repeat it
                });
        }
    }

    /// <summary>
    /// What the factory knows a client by, where several services answer one contract. Injected by its type it is that of the last one.
    /// </summary>
    public static string NameOf<TClient>(string service)
        where TClient : ClientBase => $"{service}/{typeof(TClient).FullName}";

    // a policy has to name a code, and what was not sent is repeated without one: see LostCalls
    private const StatusCode OfNoService = StatusCode.DataLoss;

    private static MethodConfig Policy(MethodName name, StatusCode code) => new()
    {
        Names = { name },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 5,     // the most that a channel makes
            InitialBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromMilliseconds(500),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { code },
        },
    };

    private static MethodName MethodOf<TClient>(string method)
    {
        // generated: the class around a client describes its service
        var service = (ServiceDescription)typeof(TClient).DeclaringType!
            .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

        return service.FindMethodByName(method) is null
            ? throw new InvalidOperationException($"AddServiceClient<{typeof(TClient).Name}>: {service.FullName} has no method {method}.")
            : new MethodName { Service = service.FullName, Method = method };
    }
}
