using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Runtime;
using Aspire.Hosting.StatusPage;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Collects the resources of an application and builds it.</summary>
public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    /// <summary>The folder of the app host's project.</summary>
    string AppHostDirectory { get; }

    IHostEnvironment Environment { get; }

    IServiceCollection Services { get; }

    IDistributedApplicationEventing Eventing { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IResourceCollection Resources { get; }

    /// <exception cref="DistributedApplicationException">A resource of that name exists.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    DistributedApplication Build();
}

/// <summary>How an application is made.</summary>
public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>No status page. Tests have none.</summary>
    public bool DisableDashboard { get; set; }
}

/// <summary>What the application is made for.</summary>
public enum DistributedApplicationOperation
{
    Run = 0,
}

/// <summary>What the application is made for. This runtime only runs.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
}

/// <summary>The application cannot be made or started as described. The message is for people.</summary>
public class DistributedApplicationException(string message) : Exception(message);

/// <summary>A parameter without a value.</summary>
public class MissingParameterValueException(string message) : DistributedApplicationException(message);

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly TestSession? _session;
    private readonly StateFolder _state;

    public DistributedApplicationBuilder(DistributedApplicationOptions options, TestSession? session)
    {
        _session = session;
        var assembly = session is null ? Assembly.GetEntryAssembly() : session.AppHostAssembly;
        AppHostDirectory = assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(m => m.Key == "apphostprojectpath")?.Value
            ?? Directory.GetCurrentDirectory();

        var settings = new ConfigurationManager();
        settings["hostBuilder:reloadConfigOnChange"] = "false";     // a launch reads its settings once; watchers are scarce (inotify)
        _host = new(new HostApplicationBuilderSettings
        {
            Configuration = settings,
            Args = options.Args,
            ApplicationName = assembly?.GetName().Name,
            ContentRootPath = AppHostDirectory,
        });
        _state = session is not null && string.IsNullOrEmpty(Configuration[StateFolder.Setting])
            ? StateFolder.Temporary()
            : StateFolder.For(Configuration, AppHostDirectory);
        Configuration[StateFolder.Setting] = _state.Root;    // what the app host puts beside ours belongs into the same folder

        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(_state);
        Services.AddSingleton(new LaunchLimits());
        Services.AddSingleton<IDistributedApplicationEventing>(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton(sp => new ResourceNotificationService(sp.GetRequiredService<DistributedApplicationModel>()));
        Services.AddSingleton(new LaunchConsole(enabled: session is null));
        Services.AddSingleton<Launch>();
        Services.AddHostedService(sp => sp.GetRequiredService<Launch>());
        // ordered stops of several servers take longer than a host's usual 30 s
        Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(2));
        Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        _host.Logging.ClearProviders();
        if (session is null)
        {
            Services.AddSingleton<ILoggerProvider, LaunchLoggerProvider>();
            if (!options.DisableDashboard)
            {
                Services.AddSingleton<StatusPageServer>();
                Services.AddHostedService(sp => sp.GetRequiredService<StatusPageServer>());
            }
        }
        else
        {
            // a test host's signals are its own
            Services.Replace(ServiceDescriptor.Singleton<IHostLifetime>(new DetachedLifetime()));
        }
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        _session?.WaitForTestToBuild(this);
        var application = new DistributedApplication(_host.Build(), _session);
        _session?.Built(application);
        return application;
    }

    /// <summary>Drops what a builder holds that is never built.</summary>
    public void Discard() => _state.Dispose();

    private sealed class DetachedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
