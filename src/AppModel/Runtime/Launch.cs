using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.StatusPage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Runtime;

/// <summary>Starts the resources in the order in which they wait for each other, and stops them in the opposite one.</summary>
internal sealed class Launch(
    DistributedApplicationModel model, ResourceNotificationService notifications, IDistributedApplicationEventing eventing,
    StateFolder state, LaunchConsole console, LaunchLimits limits, IServiceProvider services, TimeProvider clock) : IHostedService, IDisposable
{
    private const int LinesShown = 20;

    private readonly Ports _ports = new();
    private readonly List<ResourceRunner> _runners = [];
    private readonly long _begin = clock.GetTimestamp();
    private readonly List<ResourceStatus> _statuses = [];
    private int _stopped;

    /// <summary>Every replica, in the order in which the resources were added.</summary>
    public IReadOnlyList<ResourceInstance> Instances => [.. _runners.Select(r => r.Instance)];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await state.AcquireAsync(clock, cancellationToken);
        foreach (var resource in model.Resources)
        {
            var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                _ports.Allocate(resource, endpoint, replicas);
            }
            if (resource.Annotations.OfType<ProcessAnnotation>().LastOrDefault() is { } process)
            {
                AddRunners(resource, process, replicas);
            }
            else
            {
                if (resource is ParameterResource parameter)
                {
                    await parameter.GetValueAsync(cancellationToken);   // a missing one stops the launch before anything has started
                }
                notifications.Publish(
                    resource, new() { State = new(KnownResourceStates.Running, null), HealthStatus = HealthStatus.Healthy });
            }
        }
        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken);
        _runners.ForEach(r => r.Start());
    }

    /// <summary>Waits until everything is healthy and says so.</summary>
    /// <exception cref="DistributedApplicationException">Something failed to start, or was not healthy in time.</exception>
    public async Task ReportReadyAsync(CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            ct, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        await ResourceRunner.WaitUntilHealthyAsync(notifications, [.. model.Resources], limits.Ready, clock, stopping.Token);

        console.Table([["resource", "state", "address"], .. Instances.Select(i => new[]
        {
            i.Name, i.State, string.Join(", ", i.Addresses),
        })]);
        var addresses = Instances.DistinctBy(i => i.Resource).SelectMany(i => i.Resource.Annotations.OfType<EndpointAnnotation>()
            .Where(e => e.IsExternal).Select(e => $"{i.Resource.Name} {e.UrlOf(0)}")).ToList();
        if (services.GetService<StatusPageServer>() is { Address: { } page })
        {
            addresses.Add($"status page {page}");
        }
        var took = clock.GetElapsedTime(_begin).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        console.Say($"Ready in {took} s.{(addresses.Count > 0 ? $" {string.Join(", ", addresses)}" : "")}");
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await Task.WhenAll(_runners.Select(StopInOrderAsync));
        }
    }

    public void Dispose()
    {
        _ports.Dispose();
        _runners.ForEach(r => r.Dispose());
        _statuses.ForEach(s => s.Dispose());
    }

    /// <summary>Whoever waited for a resource at the start is stopped before it.</summary>
    private async Task StopInOrderAsync(ResourceRunner runner)
    {
        await Task.WhenAll(_runners.Where(r => r.WaitsFor(runner.Instance.Resource)).Select(r => r.Stopped));
        await runner.StopAsync();
    }

    private void AddRunners(IResource resource, ProcessAnnotation process, int replicas)
    {
        var instances = new List<ResourceInstance>();
        for (var replica = 0; replica < replicas; replica++)
        {
            var name = replicas == 1 ? resource.Name : string.Create(CultureInfo.InvariantCulture, $"{resource.Name}-{replica}");
            instances.Add(new(resource, replica, name, new(state.Logs, name, console)));
        }
        var status = new ResourceStatus(resource, instances, notifications, eventing, services);
        _statuses.Add(status);
        _runners.AddRange(instances.Select(
            i => new ResourceRunner(i, process, status, notifications, _ports, state, console, limits, clock)));
    }

    /// <summary>The last words of a process, for a message.</summary>
    public static string LastLines(ResourceInstance instance)
    {
        var lines = instance.Log.Newest(LinesShown);
        return lines.Count == 0
            ? "It wrote nothing."
            : $"Its last lines:{string.Concat(lines.Select(l => $"{Environment.NewLine}    {l}"))}";
    }
}
