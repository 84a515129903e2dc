using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application of several processes on this machine.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TestSession? _session;
    private bool _isDisposed;

    internal DistributedApplication(IHost host, TestSession? session) => (_host, _session) = (host, session);

    public IServiceProvider Services => _host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        new DistributedApplicationBuilder(options, TestSession.Current);

    /// <inheritdoc cref="RunAsync"/>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>
    /// Starts everything, says <c>Ready</c> when all of it is healthy, and stops it on Ctrl-C or SIGTERM. A launch that fails is
    /// told on standard error, whatever had started is stopped, and the process ends with status 1.
    /// </summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_session is not null)
        {
            await _session.RunEntryPointAsync(cancellationToken);
            return;
        }
        try
        {
            await StartAsync(cancellationToken);
            await Services.GetRequiredService<Launch>().ReportReadyAsync(cancellationToken);
        }
        catch (DistributedApplicationException e)
        {
            Services.GetRequiredService<LaunchConsole>().Error(e.Message);
            Environment.ExitCode = 1;
            Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }
        catch (OperationCanceledException) when (
            Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            // Ctrl-C during the launch is an ordinary end
        }
        await using (this)
        {
            await _host.WaitForShutdownAsync(cancellationToken);
        }
    }

    /// <summary>Takes ports and begins to start the resources; <see cref="ResourceNotifications"/> tells when each is healthy.</summary>
    /// <exception cref="DistributedApplicationException">A port is taken, or the description contradicts itself.</exception>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_session is not null)
        {
            await _session.EntryPointRuns.WaitAsync(cancellationToken);
        }
        await _host.StartAsync(cancellationToken);
    }

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        var state = Services.GetRequiredService<StateFolder>();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        state.Dispose();
        if (_session is not null)
        {
            await _session.EndAsync();
        }
    }
}
