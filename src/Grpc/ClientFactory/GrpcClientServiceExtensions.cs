using Grpc.Net.ClientFactory;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers gRPC clients. A client is transient; all clients of one name share one channel.</summary>
public static class GrpcClientServiceExtensions
{
    /// <summary>A client under its type's name, configured elsewhere.</summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(this IServiceCollection services)
        where TClient : class => services.AddGrpcClient<TClient>(NameOf<TClient>());

    /// <summary>A client under its type's name.</summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, Action<GrpcClientFactoryOptions> configureClient)
        where TClient : class => services.AddGrpcClient<TClient>(NameOf<TClient>(), configureClient);

    /// <summary>A client under its type's name.</summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, Action<IServiceProvider, GrpcClientFactoryOptions> configureClient)
        where TClient : class => services.AddGrpcClient<TClient>(NameOf<TClient>(), configureClient);

    /// <summary>
    /// A client under a name of its own, for <see cref="GrpcClientFactory.CreateClient{TClient}"/>; configured elsewhere.
    /// </summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(this IServiceCollection services, string name)
        where TClient : class => services.AddGrpcClient<TClient>(name, static (_, _) => { });

    /// <summary>A client under a name of its own, for <see cref="GrpcClientFactory.CreateClient{TClient}"/>.</summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, string name, Action<GrpcClientFactoryOptions> configureClient)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(configureClient);
        return services.AddGrpcClient<TClient>(name, (_, options) => configureClient(options));
    }

    /// <summary>A client under a name of its own, for <see cref="GrpcClientFactory.CreateClient{TClient}"/>.</summary>
    public static IHttpClientBuilder AddGrpcClient<TClient>(
        this IServiceCollection services, string name, Action<IServiceProvider, GrpcClientFactoryOptions> configureClient)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configureClient);

        services.TryAddSingleton<GrpcClientChannels>();
        services.TryAddTransient<GrpcClientFactory, DefaultGrpcClientFactory>();
        services.AddTransient(provider => provider.GetRequiredService<GrpcClientFactory>().CreateClient<TClient>(name));
        services.AddOptions<GrpcClientFactoryOptions>(name)
            .Configure<IServiceProvider>((options, provider) => configureClient(provider, options));

        // the channel keeps its handler; what the factory would rotate, the handler's own connection pool does
        return services.AddHttpClient(name)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
    }

    private static string NameOf<TClient>() => typeof(TClient).FullName ?? typeof(TClient).Name;
}
