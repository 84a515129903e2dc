using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One application under test. With an app host, its entry point runs on a thread of its own up to <c>Build()</c>, waits there
/// for the test, and then stays in <c>Run()</c> until the test disposes the application.
/// </summary>
internal sealed class TestSession(Assembly? appHostAssembly)
{
    private static readonly AsyncLocal<TestSession?> Ambient = new();
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _runs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _entryPoint = Task.CompletedTask;

    /// <summary>The session whose entry point is running here, if any.</summary>
    public static TestSession? Current => Ambient.Value;

    public Assembly? AppHostAssembly => appHostAssembly;

    public Task EntryPointRuns => appHostAssembly is null ? Task.CompletedTask : _runs.Task;

    public static async Task<(TestSession Session, DistributedApplicationBuilder Builder)> StartAsync(
        Assembly appHost, string[] args, CancellationToken ct)
    {
        var main = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point.");
        var session = new TestSession(appHost);

        session._entryPoint = Task.Factory.StartNew(
            () => session.RunMain(main, args), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        return (session, await session._builder.Task.WaitAsync(ct));
    }

    public void WaitForTestToBuild(DistributedApplicationBuilder builder)
    {
        if (appHostAssembly is not null)
        {
            _builder.TrySetResult(builder);
            _mayBuild.Task.GetAwaiter().GetResult();
        }
    }

    public void Built(DistributedApplication application) => _built.TrySetResult(application);

    public Task<DistributedApplication> BuildAsync(CancellationToken ct)
    {
        _mayBuild.TrySetResult();
        return _built.Task.WaitAsync(ct);
    }

    /// <summary>The entry point's <c>Run()</c>: the test starts and stops the application, this only stays until the end.</summary>
    public Task RunEntryPointAsync(CancellationToken ct)
    {
        _runs.TrySetResult();
        return _ended.Task.WaitAsync(ct);
    }

    public async Task EndAsync()
    {
        _mayBuild.TrySetException(new OperationCanceledException("The test ended before the application was built."));
        _ended.TrySetResult();
        await _entryPoint.WaitAsync(EndLimit);
    }

    private void RunMain(MethodInfo main, string[] args)
    {
        Ambient.Value = this;
        try
        {
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [args]);
            Failed(new InvalidOperationException($"{appHostAssembly!.GetName().Name} ended without running an application."));
        }
        catch (TargetInvocationException e)
        {
            Failed(e.InnerException!);
            if (!_ended.Task.IsCompleted)
            {
                return;     // the test gets it from whatever it awaits
            }
            if (e.InnerException is not OperationCanceledException)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
            }
        }
    }

    private void Failed(Exception exception)
    {
        _builder.TrySetException(exception);
        _built.TrySetException(exception);
        _runs.TrySetException(exception);
        // whoever does not await one of them has seen the exception in another
        _ = _builder.Task.Exception ?? _built.Task.Exception ?? _runs.Task.Exception;
    }
}
