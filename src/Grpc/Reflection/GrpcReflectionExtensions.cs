using Grpc.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers the standard reflection service.</summary>
    public static class GrpcReflectionServiceExtensions
    {
        /// <summary>Adds what <c>MapGrpcReflectionService</c> needs.</summary>
        public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.TryAddSingleton<DescriptorIndex>();
            return services;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps the standard reflection service.</summary>
    public static class GrpcReflectionEndpointRouteBuilderExtensions
    {
        /// <summary>
        /// Maps <c>grpc.reflection.v1.ServerReflection</c> and <c>grpc.reflection.v1alpha.ServerReflection</c>. They tell of all
        /// services that are mapped when they are first asked.
        /// </summary>
        public static IEndpointConventionBuilder MapGrpcReflectionService(this IEndpointRouteBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return new GrpcServiceEndpointConventionBuilder(
                [builder.MapGrpcService<ReflectionService>(), builder.MapGrpcService<ReflectionAlphaService>()]);
        }
    }
}
