using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states a resource goes through.</summary>
public static class KnownResourceStates
{
    public static readonly string Waiting = nameof(Waiting);
    public static readonly string Starting = nameof(Starting);
    public static readonly string Running = nameof(Running);
    public static readonly string RuntimeUnhealthy = nameof(RuntimeUnhealthy);
    public static readonly string FailedToStart = nameof(FailedToStart);
    public static readonly string Exited = nameof(Exited);
    public static readonly string Stopping = nameof(Stopping);
}

/// <summary>A state's name.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style);

/// <summary>What is known about a resource at one moment; with several replicas, about the worst of them.</summary>
public sealed record CustomResourceSnapshot
{
    internal CustomResourceSnapshot()
    {
    }

    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Null until the first check; a resource without checks is healthy while it runs.</summary>
    public HealthStatus? HealthStatus { get; internal init; }

    public int? ExitCode { get; init; }

    /// <summary>Why the resource is not well, for people.</summary>
    internal string? Reason { get; init; }
}

/// <summary>A resource and what became of it.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Tells what state every resource is in and lets callers wait for one.</summary>
public sealed class ResourceNotificationService
{
    private const HealthStatus Healthy = HealthStatus.Healthy;

    private readonly ConcurrentDictionary<string, ResourceEvent> _latest = new(StringComparer.OrdinalIgnoreCase);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ResourceNotificationService(DistributedApplicationModel model)
    {
        foreach (var resource in model.Resources)
        {
            _latest[resource.Name] = new(resource, resource.Name, new());
        }
    }

    /// <summary>Waits until the resource runs and its health checks pass.</summary>
    /// <exception cref="DistributedApplicationException">It failed to start; the message says why, with its last lines.</exception>
    /// <exception cref="ArgumentException">There is no such resource.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var end = await WaitForResourceAsync(
            resourceName, e => IsHealthy(e.Snapshot) || e.Snapshot.State?.Text == KnownResourceStates.FailedToStart, cancellationToken);

        return IsHealthy(end.Snapshot) ? end : throw new DistributedApplicationException(
            $"Resource '{resourceName}' failed to start. {end.Snapshot.Reason}");
    }

    /// <summary>Waits until <paramref name="predicate"/> holds for the resource; it may hold already.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var changed = _changed;
            if (!_latest.TryGetValue(resourceName, out var latest))
            {
                throw new ArgumentException($"There is no resource named '{resourceName}'.", nameof(resourceName));
            }
            if (predicate(latest))
            {
                return latest;
            }
            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    internal static bool IsHealthy(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus == Healthy;

    internal CustomResourceSnapshot Latest(IResource resource) => _latest[resource.Name].Snapshot;

    internal void Publish(IResource resource, CustomResourceSnapshot snapshot)
    {
        _latest[resource.Name] = new(resource, resource.Name, snapshot);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Completes at the next change of anything; ask before looking, so that none is missed.</summary>
    internal Task NextChange => _changed.Task;
}
