using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runtime;

/// <summary>How a replica of a resource is started. Null: it is somewhere else already and is only asked for its health.</summary>
internal sealed record ProcessAnnotation(Func<ResourceInstance, CancellationToken, Task<ProcessSpec?>> PrepareAsync) : IResourceAnnotation;

/// <summary>One replica: what it is and how it is.</summary>
internal sealed class ResourceInstance(IResource resource, int replica, string name, ResourceLog log)
{
    public IResource Resource => resource;

    public int Replica => replica;

    /// <summary>The resource's name, with the replica's number behind it where there are several.</summary>
    public string Name => name;

    public ResourceLog Log => log;

    public string State { get; set; } = KnownResourceStates.Waiting;

    public HealthStatus? Health { get; set; }

    public string? Reason { get; set; }

    public int Restarts { get; set; }

    public int? ExitCode { get; set; }

    public int? Pid { get; set; }

    /// <summary>Where its process listens; nothing for what runs somewhere else.</summary>
    public string[] Addresses => Pid is null ? [] : [.. resource.Annotations.OfType<EndpointAnnotation>().Select(e => e.UrlOf(replica))];

    public async Task<Dictionary<string, string>> ResolveEnvironmentAsync(
        DistributedApplicationExecutionContext execution, CancellationToken ct)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: ct);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallback>())
        {
            await annotation.Callback(context);
        }
        var resolved = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (variable, value) in context.EnvironmentVariables)
        {
            resolved[variable] = await TextAsync(value, ct);
        }
        return resolved;
    }

    public async Task<List<string>> ResolveArgsAsync(CancellationToken ct)
    {
        var context = new CommandLineArgsCallbackContext([], ct);
        foreach (var annotation in resource.Annotations.OfType<ArgsCallback>())
        {
            await annotation.Callback(context);
        }
        var resolved = new List<string>();
        foreach (var value in context.Args)
        {
            resolved.Add(await TextAsync(value, ct));
        }
        return resolved;
    }

    private static async ValueTask<string> TextAsync(object value, CancellationToken ct) =>
        (value is IValueProvider provider ? await provider.GetValueAsync(ct) : value.ToString()) ?? "";
}
