using System.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps every method of a service written over a generated base. The service is taken from the call's services where it is registered,
    /// and made for the call otherwise. Attributes on the service and its methods, such as <c>[Authorize]</c>, become endpoint metadata.
    /// </summary>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);

        var unimplemented = builder.ServiceProvider.GetService<UnimplementedEndpoints>()
            ?? throw new InvalidOperationException("gRPC is not registered; call AddGrpc first.");
        var binder = new ServiceBinder<TService>(builder);
        Bind(typeof(TService), binder);
        unimplemented.Map(builder, binder.ServiceName);

        return new GrpcServiceEndpointConventionBuilder(binder.Endpoints);
    }

    private static void Bind(Type serviceType, ServiceBinderBase binder)
    {
        for (var type = serviceType; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                var bind = attribute.BindType.GetMethod(attribute.BindMethodName, [typeof(ServiceBinderBase), type])
                    ?? throw new InvalidOperationException($"{attribute.BindType} has no {attribute.BindMethodName} for {type}.");
                bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [binder, null], null);
                return;
            }
        }

        throw new InvalidOperationException($"{serviceType} is not written over a generated service base.");
    }
}

/// <summary>The endpoints of one service, for conventions such as <c>RequireAuthorization</c>.</summary>
public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
{
    private readonly IReadOnlyList<IEndpointConventionBuilder> _endpoints;

    internal GrpcServiceEndpointConventionBuilder(IReadOnlyList<IEndpointConventionBuilder> endpoints) => _endpoints = endpoints;

    /// <inheritdoc />
    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (var endpoint in _endpoints)
        {
            endpoint.Add(convention);
        }
    }

    /// <inheritdoc />
    public void Finally(Action<EndpointBuilder> finallyConvention)
    {
        foreach (var endpoint in _endpoints)
        {
            endpoint.Finally(finallyConvention);
        }
    }
}
