using System.Globalization;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>A gRPC service and its replicas.</summary>
/// <param name="Name">What its callers know it by.</param>
/// <param name="All">One resource for each replica.</param>
internal sealed record ServiceReplicas(string Name, IReadOnlyList<IResourceBuilder<ProjectResource>> All)
{
    /// <summary>Does <paramref name="wire"/> to every replica.</summary>
    public void ForEach(Action<IResourceBuilder<ProjectResource>> wire)
    {
        foreach (var replica in All)
        {
            wire(replica);
        }
    }
}

/// <summary>
/// Replicas as resources of their own, each on a port of its own. Aspire's <c>WithReplicas</c> puts them behind one proxied address, and a
/// gRPC channel's one connection through it would stay on one of them for ever.
/// </summary>
internal static class Replicas
{
    /// <summary>A service in as many replicas as <c>Replicas:{name}</c> says, one unless it says.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The first replica's name; the others have <c>-2</c>, <c>-3</c>...</param>
    /// <param name="wire">What each replica gets.</param>
    public static ServiceReplicas AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, Action<IResourceBuilder<ProjectResource>> wire)
        where TProject : IProjectMetadata, new()
    {
        var count = KnownSettings.Number(builder.Configuration, $"Replicas:{name}", 1, from: 1, to: 9);
        var replicas = Enumerable.Range(1, count)
            .Select(number => builder.AddProject<TProject>(number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"))
                .OnOwnPort("http").OnOwnPort("grpc")
                .WithHttpHealthCheck("/health", endpointName: "http")
                // nothing for a browser
                .WithUrls(context => context.Urls.ForEach(url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)))
            .ToList();
        replicas.ForEach(wire);
        return new ServiceReplicas(name, replicas);
    }

    /// <summary>Hands over the addresses of all replicas.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> caller, ServiceReplicas service)
    {
        for (var i = 0; i < service.All.Count; i++)
        {
            caller.WithEnvironment(
                string.Create(CultureInfo.InvariantCulture, $"services__{service.Name}__grpc__{i}"), service.All[i].GetEndpoint("grpc"));
        }

        return caller;
    }

    /// <summary>Starts when every replica is healthy.</summary>
    public static IResourceBuilder<ProjectResource> WaitFor(this IResourceBuilder<ProjectResource> caller, ServiceReplicas service)
    {
        service.ForEach(replica => caller.WaitFor(replica));
        return caller;
    }

    /// <summary>An endpoint without TLS and without a proxy before it, so that one that is down refuses connections; on a free port, or on the one given.</summary>
    public static IResourceBuilder<ProjectResource> OnOwnPort(this IResourceBuilder<ProjectResource> project, string endpoint, int? port = null) =>
        project.WithoutHttpsCertificate().WithEndpoint(
            endpoint,
            settings =>
            {
                settings.UriScheme = "http";
                settings.TargetHost = "127.0.0.1";
                settings.IsProxied = !project.ApplicationBuilder.ExecutionContext.IsRunMode;
                settings.Port = project.ApplicationBuilder.ExecutionContext.IsRunMode ? port is > 0 ? port : Ports.TakeFree() : null;
                settings.TargetPort = settings.Port;
            },
            createIfNotExists: true);
}
