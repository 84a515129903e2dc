using System.Globalization;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Replicas as resources of their own, each on a port of its own. Aspire's <c>WithReplicas</c> puts them behind one proxied address, and a
/// gRPC channel's one connection through it would stay on one of them for ever.
/// </summary>
internal static class Replicas
{
    /// <summary>A gRPC service in as many replicas as <c>Replicas:{name}</c> says, one unless it says.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The first replica's name; the others have <c>-2</c>, <c>-3</c>...</param>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddReplicas<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() =>
    [
        .. Enumerable.Range(1, KnownSettings.Number(builder.Configuration, $"Replicas:{name}", 1, from: 1, to: 9)).Select(number => builder
            .AddProject<TProject>(number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"))
            .AsBuilt<TProject>()
            .OnOwnPort("http").OnOwnPort("grpc")
            .WithHttpHealthCheck("/health", endpointName: "http")
            // nothing for a browser
            .WithUrls(context => context.Urls.ForEach(url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly))),
    ];

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
