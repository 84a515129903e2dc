using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runtime;

/// <summary>How a project's process is started: its built program, told where to listen.</summary>
internal static class ProjectProcess
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // what says how the app host itself listens and behaves says nothing about its projects
    private static readonly HashSet<string> NotInherited = new(StringComparer.Ordinal)
    {
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT",
        "DOTNET_LAUNCH_PROFILE",
    };

    public static async Task<ProcessSpec?> PrepareAsync(
        ProjectFile project, IDistributedApplicationBuilder builder, ResourceInstance instance, CancellationToken ct)
    {
        var assembly = project.FindAssembly();
        var environment = Inherited();
        var endpoints = instance.Resource.Annotations.OfType<EndpointAnnotation>().ToList();
        if (endpoints.Exists(e => e.FromKestrelConfiguration))
        {
            // Kestrel that has endpoints configured does not look at URLs, so those of the app host go the same way
            endpoints.ForEach(e => environment[$"Kestrel__Endpoints__{e.Name}__Url"] = e.UrlOf(instance.Replica));
        }
        else if (endpoints.Count > 0)
        {
            environment["ASPNETCORE_URLS"] = string.Join(';', endpoints.Select(e => e.UrlOf(instance.Replica)));
        }
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Variable is { } variable)
            {
                environment[variable] = endpoint.AllocatedPorts[instance.Replica].ToString(null, null);
            }
        }
        if (builder.Configuration[OtlpEndpoint] is { Length: > 0 } collector)
        {
            environment[OtlpEndpoint] = collector;
            environment["OTEL_SERVICE_NAME"] = instance.Resource.Name;
            environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Name}-{Guid.NewGuid():N}";
        }
        foreach (var (name, value) in await instance.ResolveEnvironmentAsync(builder.ExecutionContext, ct))
        {
            environment[name] = value;
        }
        return new(DotnetHost, [assembly, .. await instance.ResolveArgsAsync(ct)], project.Directory, environment);
    }

    /// <summary>The host of the runtime that this process runs on.</summary>
    private static string DotnetHost =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static Dictionary<string, string> Inherited()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (!NotInherited.Contains((string)entry.Key))
            {
                environment[(string)entry.Key] = (string?)entry.Value ?? "";
            }
        }
        return environment;
    }
}
