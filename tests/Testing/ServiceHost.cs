using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Testing;

/// <summary>One replica of a service in this process, on ports of its own: all that its Program makes, with what a test changes.</summary>
public sealed class ServiceHost : IAsyncDisposable, IDisposable
{
    private readonly IDisposable _factory;

    private ServiceHost(IDisposable factory, IServiceProvider services) => (_factory, Services) = (factory, services);

    /// <summary>The service's own parts.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Where it takes calls: of a service's two endpoints, gRPC ones.</summary>
    public Uri Address => Addresses[0];

    /// <summary>All that it listens on, in its own order.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];

    /// <typeparam name="TEntry">Any type of the service's project.</typeparam>
    /// <param name="settings">Configuration beside the service's own file; null for what is not set.</param>
    /// <param name="log">Takes what the settings let through: all of it with <c>Logging:LogLevel:Default</c> as <c>Trace</c>.</param>
    /// <param name="clock">Instead of the service's own clock.</param>
    /// <param name="change">The last word about its parts.</param>
    /// <exception cref="Exception">What kept it from starting.</exception>
    public static ServiceHost Start<TEntry>(
        IEnumerable<KeyValuePair<string, string?>> settings,
        RecordedLog log,
        TimeProvider? clock = null,
        Action<IServiceCollection>? change = null)
        where TEntry : class
    {
        var factory = new Factory<TEntry>(settings, log, services =>
        {
            if (clock is not null)
            {
                services.AddSingleton(clock);
            }

            change?.Invoke(services);
        });
        // not with a port: that one would be all that it listens on
        factory.UseKestrel();
        try
        {
            // outside a test's own context: what awaits in there would wait for threads that other starts hold
            Task.Run(factory.StartServer).GetAwaiter().GetResult();
            return new ServiceHost(factory, factory.Services);
        }
        catch (ObjectDisposedException) when (log.StartFailure is { } failure)
        {
            // a host that refuses to start may be gone before its factory has looked at it
            factory.Dispose();
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
        catch
        {
            factory.Dispose();
            throw;
        }
    }

    /// <summary>Stops it as a rollout does.</summary>
    public ValueTask DisposeAsync() => ((IAsyncDisposable)_factory).DisposeAsync();

    public void Dispose() => _factory.Dispose();

    private sealed class Factory<TEntry>(
        IEnumerable<KeyValuePair<string, string?>> settings, RecordedLog log, Action<IServiceCollection> change)
        : WebApplicationFactory<TEntry>
        where TEntry : class
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(Environments.Production);
            foreach (var (name, value) in settings.Where(setting => setting.Value is not null))
            {
                builder.UseSetting(name, value);
            }

            builder.ConfigureServices(change);
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(log));
        }
    }
}
