using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runtime;

/// <summary>Makes one state of the states of a resource's replicas and tells it.</summary>
internal sealed class ResourceStatus(
    IResource resource, IReadOnlyList<ResourceInstance> instances, ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing, IServiceProvider services) : IDisposable
{
    private static readonly string[] WorstFirst =
    [
        KnownResourceStates.FailedToStart, KnownResourceStates.Stopping, KnownResourceStates.Exited, KnownResourceStates.Waiting,
        KnownResourceStates.Starting, KnownResourceStates.Running,
    ];

    private readonly SemaphoreSlim _lock = new(1);
    private bool _wasReady;

    public void Dispose() => _lock.Dispose();

    public async Task UpdateAsync(Action change, CancellationToken ct)
    {
        await _lock.WaitAsync(CancellationToken.None);
        try
        {
            change();
            var worst = instances.MinBy(i => Array.IndexOf(WorstFirst, i.State))!;
            var unwell = instances.FirstOrDefault(i => i.Health != HealthStatus.Healthy);
            var snapshot = new CustomResourceSnapshot
            {
                State = new(worst.State, null),
                HealthStatus = unwell is null ? HealthStatus.Healthy : unwell.Health,
                ExitCode = instances.Select(i => i.ExitCode).FirstOrDefault(c => c is not null),
                Reason = worst.Reason ?? unwell?.Reason,
            };
            if (!_wasReady && ResourceNotificationService.IsHealthy(snapshot))
            {
                _wasReady = true;
                await eventing.PublishAsync(new ResourceReadyEvent(resource, services), ct);    // before anybody who waits goes on
            }
            notifications.Publish(resource, snapshot);
        }
        finally
        {
            _lock.Release();
        }
    }
}
