using Grpc.AspNetCore.ClientFactory;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures clients that are called while a gRPC call is answered.</summary>
public static class GrpcServerHttpClientBuilderExtensions
{
    /// <summary>Calls take over the deadline and the cancellation of the call that they are made for; outside of one they throw.</summary>
    public static IHttpClientBuilder EnableCallContextPropagation(this IHttpClientBuilder builder) =>
        builder.EnableCallContextPropagation(static _ => { });

    /// <summary>Calls take over the deadline and the cancellation of the call that they are made for.</summary>
    public static IHttpClientBuilder EnableCallContextPropagation(
        this IHttpClientBuilder builder, Action<GrpcContextPropagationOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureOptions);

        var options = new GrpcContextPropagationOptions();
        configureOptions(options);
        builder.Services.AddHttpContextAccessor();

        return builder.AddInterceptor(services =>
            new ContextPropagationInterceptor(options, services.GetRequiredService<IHttpContextAccessor>()));
    }
}
