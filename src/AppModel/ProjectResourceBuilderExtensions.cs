using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;

namespace Aspire.Hosting;

/// <summary>Projects of this checkout.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>A project that the app host references; the build wrote <typeparamref name="TProject"/> for it.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject().ProjectPath);

    /// <summary>A project by path, relative to the app host's folder. It must be built already.</summary>
    /// <remarks>
    /// Endpoints that the project's appsettings.json names under <c>Kestrel:Endpoints</c> become endpoints of the resource and
    /// get their address as <c>Kestrel__Endpoints__{name}__Url</c>, and so do those added with <c>WithHttpEndpoint</c>. Without such
    /// settings the addresses go into <c>ASPNETCORE_URLS</c>. Launch profiles are not read.
    /// </remarks>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath)
    {
        var project = ProjectFile.Locate(Path.GetFullPath(projectPath, builder.AppHostDirectory));
        var resource = builder.AddResource(new ProjectResource(name));

        foreach (var (endpointName, url, protocols) in project.KestrelEndpoints())
        {
            var address = BindingAddress(name, endpointName, url);
            resource.WithAnnotation(new EndpointAnnotation(endpointName, address.Scheme)
            {
                Port = address.Port,
                Transport = string.Equals(protocols, "Http2", StringComparison.OrdinalIgnoreCase) ? "http2" : "http",
                FromKestrelConfiguration = true,
            });
        }
        return resource.WithAnnotation(
            new ProcessAnnotation((instance, ct) => ProjectProcess.PrepareAsync(project, builder, instance, ct)));
    }

    /// <summary>Runs the project this many times; every replica has its own ports.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        foreach (var earlier in builder.Resource.Annotations.OfType<ReplicaAnnotation>().ToList())
        {
            builder.Resource.Annotations.Remove(earlier);
        }
        return builder.WithAnnotation(new ReplicaAnnotation(replicas));
    }

    private static Uri BindingAddress(string resource, string endpoint, string url) =>
        Uri.TryCreate(
            url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal),
            UriKind.Absolute, out var address)
            ? address
            : throw new DistributedApplicationException($"Kestrel:Endpoints:{endpoint}:Url of '{resource}' is not an address: '{url}'.");
}
