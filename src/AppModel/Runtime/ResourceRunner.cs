using System.ComponentModel;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runtime;

/// <summary>
/// The life of one replica: waits for what it depends on, starts, is asked for its health until it stops. One that ends after
/// having been healthy is started again, later each time; one that ends three times before it ever was fails the launch.
/// </summary>
internal sealed class ResourceRunner(
    ResourceInstance instance, ProcessAnnotation process, ResourceStatus status, ResourceNotificationService notifications, Ports ports,
    StateFolder state, LaunchConsole console, LaunchLimits limits, TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<HealthProbe> _probes = [.. instance.Resource.Annotations.OfType<HealthProbe>()];
    private Task _life = Task.CompletedTask;

    public ResourceInstance Instance => instance;

    public Task Stopped => _stopped.Task;

    public bool WaitsFor(IResource resource) => instance.Resource.Annotations.OfType<WaitAnnotation>().Any(w => w.Dependency == resource);

    public void Start() => _life = Task.Run(LiveAsync);

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _life;
        _stopped.TrySetResult();
    }

    public void Dispose()
    {
        instance.Log.Dispose();
        _stopping.Dispose();
    }

    /// <exception cref="DistributedApplicationException">One of them failed, or was not healthy in time; the message names it and says
    /// why.</exception>
    public static async Task WaitUntilHealthyAsync(
        ResourceNotificationService notifications, IReadOnlyList<IResource> resources, TimeSpan limit, TimeProvider clock,
        CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        while (true)
        {
            var change = notifications.NextChange;
            var latest = resources.Select(r => (Resource: r, Snapshot: notifications.Latest(r))).ToList();
            if (latest.Find(l => l.Snapshot.State?.Text == KnownResourceStates.FailedToStart) is { Resource: { } failed } at)
            {
                throw new DistributedApplicationException($"'{failed.Name}' failed to start. {at.Snapshot.Reason}");
            }
            var missing = latest.FindAll(l => !ResourceNotificationService.IsHealthy(l.Snapshot));
            if (missing.Count == 0)
            {
                return;
            }
            try
            {
                await change.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                var states = missing.Select(m =>
                    $"'{m.Resource.Name}' is {m.Snapshot.State?.Text ?? "not started"}{(m.Snapshot.Reason is { } reason ? $", {reason}" : "")}");
                throw new DistributedApplicationException(
                    string.Create(CultureInfo.InvariantCulture, $"Not healthy after {limit.TotalSeconds:0} s: {string.Join("; ", states)}"));
            }
        }
    }

    private async Task LiveAsync()
    {
        try
        {
            var dependencies = instance.Resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Dependency).Distinct().ToList();
            if (dependencies.Count > 0)
            {
                await status.UpdateAsync(
                    () => instance.Reason = $"waits for {string.Join(", ", dependencies.Select(d => d.Name))}", _stopping.Token);
                await WaitUntilHealthyAsync(notifications, dependencies, limits.Ready, clock, _stopping.Token);
            }
            await RunUntilStoppedAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await status.UpdateAsync(() => instance.State = KnownResourceStates.Exited, CancellationToken.None);
        }
        catch (DistributedApplicationException e)
        {
            await FailAsync(e.Message);
        }
        catch (Exception e)
        {
            await FailAsync(e.ToString());  // a bug, here or in a callback of the app host: told in full, and the launch ends
        }
    }

    private Task FailAsync(string reason) => status.UpdateAsync(
        () => (instance.State, instance.Health, instance.Reason) = (KnownResourceStates.FailedToStart, null, reason),
        CancellationToken.None);

    private async Task RunUntilStoppedAsync()
    {
        var (failedStarts, hasBeenHealthy, backoff) = (0, false, limits.FirstBackoff);
        while (true)
        {
            await status.UpdateAsync(
                () => (instance.State, instance.Health, instance.Reason) = (KnownResourceStates.Starting, null, null), _stopping.Token);
            if (await process.PrepareAsync(instance, _stopping.Token) is not { } spec)
            {
                await status.UpdateAsync(() => instance.State = KnownResourceStates.Running, _stopping.Token);
                await WatchHealthAsync(_stopping.Token);
                return;
            }

            var begin = clock.GetTimestamp();
            var (exitCode, wasHealthy) = await RunOnceAsync(spec);
            var text = string.Create(CultureInfo.InvariantCulture, $"ended with code {exitCode}");
            hasBeenHealthy |= wasHealthy;
            if (!hasBeenHealthy && ++failedStarts == limits.StartAttempts)
            {
                throw new DistributedApplicationException(string.Create(CultureInfo.InvariantCulture,
                    $"'{instance.Name}' {text} before it was healthy, {failedStarts} times in a row. {Launch.LastLines(instance)}"));
            }
            instance.Restarts += hasBeenHealthy ? 1 : 0;
            backoff = clock.GetElapsedTime(begin) > limits.BackoffForgottenAfter ? limits.FirstBackoff : backoff;
            var count = hasBeenHealthy ? $"restart {instance.Restarts}" : $"try {failedStarts + 1} of {limits.StartAttempts}";
            await status.UpdateAsync(() =>
            {
                (instance.State, instance.Health, instance.Reason) = (KnownResourceStates.Exited, null, text);
                (instance.ExitCode, instance.Pid) = (exitCode, null);
            }, _stopping.Token);
            console.Error(string.Create(CultureInfo.InvariantCulture,
                $"'{instance.Name}' {text}; it is started again in {backoff.TotalSeconds:0.#} s ({count}). {Launch.LastLines(instance)}"));
            await Task.Delay(backoff, clock, _stopping.Token);
            backoff = backoff * 2 > limits.LongestBackoff ? limits.LongestBackoff : backoff * 2;
        }
    }

    private async Task<(int ExitCode, bool WasHealthy)> RunOnceAsync(ProcessSpec spec)
    {
        foreach (var endpoint in instance.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            ports.Release(endpoint.AllocatedPorts[instance.Replica]);
        }
        var begin = clock.GetTimestamp();
        using var child = Begin(spec);
        state.RecordProcess(instance.Name, child.Pid);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var health = Task.CompletedTask;
        try
        {
            await status.UpdateAsync(() => (instance.State, instance.Pid) = (KnownResourceStates.Running, child.Pid), _stopping.Token);
            health = WatchHealthAsync(watching.Token);
            await Task.WhenAny(child.Exited, health).WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await status.UpdateAsync(() => instance.State = KnownResourceStates.Stopping, CancellationToken.None);
        }
        if (!child.Exited.IsCompleted)
        {
            await child.StopAsync(clock);   // it is to stop, or its health cannot be told any more
        }
        state.ForgetProcess(instance.Name);
        await watching.CancelAsync();
        try
        {
            await health;
        }
        catch (OperationCanceledException) when (watching.IsCancellationRequested)
        {
            // as told
        }
        _stopping.Token.ThrowIfCancellationRequested();
        var wasHealthy = instance.Health is not null && (_probes.Count > 0 || clock.GetElapsedTime(begin) > limits.StartedAfter);
        return (await child.Exited, wasHealthy);
    }

    private ChildProcess Begin(ProcessSpec spec)
    {
        try
        {
            return ChildProcess.Start(spec, instance.Log.Add);
        }
        catch (Win32Exception e)
        {
            throw new DistributedApplicationException($"'{instance.Name}' cannot be started: {e.Message}");
        }
    }

    /// <summary>Asks until told to stop. What was healthy once and is no longer stays running and is shown as unhealthy.</summary>
    private async Task WatchHealthAsync(CancellationToken ct)
    {
        var pause = instance.Pid is null ? TimeSpan.Zero : limits.ProbeWhileStarting;   // nobody answers in the first moment
        while (true)
        {
            await Task.Delay(pause, clock, ct);
            string? reason = null;
            foreach (var probe in _probes)
            {
                reason ??= await probe.AskAsync(instance.Replica, ct);
            }
            var health = reason is null ? HealthStatus.Healthy : HealthStatus.Unhealthy;
            if (instance.Reason != reason || (instance.Health is null && reason is null)
                || (instance.Health is { } known && known != health))
            {
                await status.UpdateAsync(() =>
                {
                    instance.Reason = reason;
                    // null until the first time: an end before it is a failed start
                    instance.Health = instance.Health is null && reason is not null ? null : health;
                }, ct);
            }
            pause = instance.Health == HealthStatus.Healthy ? limits.ProbeWhileHealthy : limits.ProbeWhileStarting;
        }
    }
}
