using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.ClientFactory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures what <c>AddGrpcClient</c> registered.</summary>
public static class GrpcHttpClientBuilderExtensions
{
    /// <summary>An interceptor that lives as long as the channel.</summary>
    public static IHttpClientBuilder AddInterceptor(
        this IHttpClientBuilder builder, Func<IServiceProvider, Interceptor> configureInvoker) =>
        builder.AddInterceptor(InterceptorScope.Channel, configureInvoker);

    /// <summary>An interceptor of that scope.</summary>
    public static IHttpClientBuilder AddInterceptor(
        this IHttpClientBuilder builder, InterceptorScope scope, Func<IServiceProvider, Interceptor> configureInvoker)
    {
        ArgumentNullException.ThrowIfNull(configureInvoker);
        return builder.Configure(options => options.InterceptorRegistrations.Add(new InterceptorRegistration(scope, configureInvoker)));
    }

    /// <summary>An interceptor that lives as long as the channel.</summary>
    public static IHttpClientBuilder AddInterceptor(this IHttpClientBuilder builder, Func<Interceptor> configureInvoker) =>
        builder.AddInterceptor(InterceptorScope.Channel, configureInvoker);

    /// <summary>An interceptor of that scope.</summary>
    public static IHttpClientBuilder AddInterceptor(
        this IHttpClientBuilder builder, InterceptorScope scope, Func<Interceptor> configureInvoker)
    {
        ArgumentNullException.ThrowIfNull(configureInvoker);
        return builder.AddInterceptor(scope, _ => configureInvoker());
    }

    /// <summary>A registered interceptor that lives as long as the channel.</summary>
    public static IHttpClientBuilder AddInterceptor<TInterceptor>(this IHttpClientBuilder builder)
        where TInterceptor : Interceptor => builder.AddInterceptor<TInterceptor>(InterceptorScope.Channel);

    /// <summary>A registered interceptor of that scope.</summary>
    public static IHttpClientBuilder AddInterceptor<TInterceptor>(this IHttpClientBuilder builder, InterceptorScope scope)
        where TInterceptor : Interceptor => builder.AddInterceptor(scope, static services => services.GetRequiredService<TInterceptor>());

    /// <summary>Changes the channel's options.</summary>
    public static IHttpClientBuilder ConfigureChannel(this IHttpClientBuilder builder, Action<GrpcChannelOptions> configureChannel)
    {
        ArgumentNullException.ThrowIfNull(configureChannel);
        return builder.Configure(options => options.ChannelOptionsActions.Add(configureChannel));
    }

    /// <summary>Changes the channel's options, with the host's services.</summary>
    public static IHttpClientBuilder ConfigureChannel(
        this IHttpClientBuilder builder, Action<IServiceProvider, GrpcChannelOptions> configureChannel)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureChannel);
        builder.Services.AddOptions<GrpcClientFactoryOptions>(builder.Name).Configure<IServiceProvider>((options, services) =>
            options.ChannelOptionsActions.Add(channel => configureChannel(services, channel)));
        return builder;
    }

    /// <summary>Adds headers to every call just before it is sent.</summary>
    public static IHttpClientBuilder AddCallCredentials(
        this IHttpClientBuilder builder, Func<AuthInterceptorContext, Metadata, Task> authInterceptor)
    {
        ArgumentNullException.ThrowIfNull(authInterceptor);
        return builder.AddCallCredentials((context, metadata, _) => authInterceptor(context, metadata));
    }

    /// <summary>Adds headers to every call just before it is sent, with the services that the client was resolved from.</summary>
    public static IHttpClientBuilder AddCallCredentials(
        this IHttpClientBuilder builder, Func<AuthInterceptorContext, Metadata, IServiceProvider, Task> authInterceptor)
    {
        ArgumentNullException.ThrowIfNull(authInterceptor);
        return builder.AddCallCredentials(services =>
            CallCredentials.FromInterceptor((context, metadata) => authInterceptor(context, metadata, services)));
    }

    /// <summary>Adds headers to every call just before it is sent.</summary>
    public static IHttpClientBuilder AddCallCredentials(this IHttpClientBuilder builder, CallCredentials credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return builder.AddCallCredentials(_ => credentials);
    }

    private static IHttpClientBuilder AddCallCredentials(this IHttpClientBuilder builder, Func<IServiceProvider, CallCredentials> create) =>
        builder.Configure(options =>
        {
            options.HasCallCredentials = true;
            options.CallOptionsActions.Add(context =>
            {
                var added = create(context.ServiceProvider);
                context.CallOptions = context.CallOptions.WithCredentials(
                    context.CallOptions.Credentials is { } existing ? CallCredentials.Compose(existing, added) : added);
            });
        });

    private static IHttpClientBuilder Configure(this IHttpClientBuilder builder, Action<GrpcClientFactoryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }
}
