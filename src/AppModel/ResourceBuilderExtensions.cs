using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;

namespace Aspire.Hosting;

/// <summary>How resources are wired to each other.</summary>
public static class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(name, ReferenceExpression.Create(value));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = endpointReference);

    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = parameter.Resource);

    /// <summary>The callback runs once per replica, when it is about to start.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            callback(context);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="WithEnvironment{T}(IResourceBuilder{T}, Action{EnvironmentCallbackContext})"/>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallback(callback));

    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs => builder.WithAnnotation(new ArgsCallback(context =>
        {
            foreach (var arg in args)
            {
                context.Args.Add(arg);
            }
            return Task.CompletedTask;
        }));

    /// <summary>Hands over <c>ConnectionStrings__{connectionName}</c>; the name is the resource's unless given.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
            bool optional = false)
        where TDestination : IResourceWithEnvironment => builder.WithEnvironment(async context =>
        {
            var value = await source.Resource.GetConnectionStringAsync(context.CancellationToken);
            if (string.IsNullOrEmpty(value) && !optional)
            {
                throw new DistributedApplicationException(
                    $"'{source.Resource.Name}' has no connection string, and '{builder.Resource.Name}' needs it.");
            }
            if (!string.IsNullOrEmpty(value))
            {
                context.EnvironmentVariables[source.Resource.ConnectionStringEnvironmentVariable
                    ?? $"ConnectionStrings__{connectionName ?? source.Resource.Name}"] = value;
            }
        });

    /// <summary>Hands over <c>services__{name}__{endpoint}__{n}</c>, one for every endpoint and every replica, n from 0.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.Annotations.OfType<EndpointAnnotation>())
            {
                for (var n = 0; n < endpoint.AllocatedPorts.Length; n++)
                {
                    context.EnvironmentVariables[$"services__{source.Resource.Name}__{endpoint.Name}__{n}"] = endpoint.UrlOf(n);
                }
            }
        });

    /// <summary>Starts the resource only when <paramref name="dependency"/> runs and its health checks pass.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
    {
        if (ReferenceEquals(builder.Resource, dependency.Resource))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' cannot wait for itself.");
        }
        return builder.WithAnnotation(new WaitAnnotation(dependency.Resource));
    }

    /// <summary>Adds an endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port others connect to; null: a free one.</param>
    /// <param name="targetPort">The port the process listens on; here the same, because nothing stands in between.</param>
    /// <param name="name">The endpoint's name, <c>http</c> unless given.</param>
    /// <param name="env">A variable that tells the process its port.</param>
    /// <param name="isProxied">Without meaning in this runtime: there is never a proxy.</param>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name already.</exception>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null,
            bool isProxied = true)
        where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(name ?? "http", "http") { Port = port, TargetPort = targetPort, Variable = env };
        if (port is not null and not 0 && targetPort is not null and not 0 && port != targetPort)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of '{builder.Resource.Name}' has port {port} and target port {targetPort}; without a proxy they are the same.");
        }
        if (builder.Resource.Annotations.OfType<EndpointAnnotation>()
            .Any(e => string.Equals(e.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has two endpoints named '{endpoint.Name}'.");
        }
        return builder.WithAnnotation(endpoint);
    }

    /// <summary>Marks every http and https endpoint as one for the outside: the launch's last line lists it.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
        {
            endpoint.IsExternal = true;
        }
        return builder;
    }

    /// <summary>The resource is healthy while a GET of <paramref name="path"/> answers <paramref name="statusCode"/>; every replica is
    /// asked.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path"><c>/</c> unless given.</param>
    /// <param name="statusCode">200 unless given.</param>
    /// <param name="endpointName">The endpoint that is asked, <c>http</c> unless given.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.Resource.Annotations.OfType<EndpointAnnotation>()
            .FirstOrDefault(e => string.Equals(e.Name, endpointName ?? "http", StringComparison.OrdinalIgnoreCase))
            ?? throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' has no endpoint named '{endpointName ?? "http"}' to ask for its health.");

        return builder.WithAnnotation(new HealthProbe(
            (replica, ct) => HttpProbe.AskAsync(new Uri(new Uri(endpoint.UrlOf(replica)), path ?? "/"), statusCode ?? 200, ct)));
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => new(builder.Resource, name);
}
