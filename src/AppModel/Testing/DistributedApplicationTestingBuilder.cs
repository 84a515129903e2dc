using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>An application that a test may change before it is built.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// Makes applications inside a test process: no status page, nothing on the console, signals left to the test host. Unless
/// <c>AppHost:StateDirectory</c> is given, state lives in a temporary folder that goes away with the application.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>An empty application.</summary>
    public static IDistributedApplicationTestingBuilder Create(params string[] args)
    {
        var session = new TestSession(appHostAssembly: null);
        return new Builder(session, new DistributedApplicationBuilder(new() { Args = args }, session));
    }

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], CancellationToken)"/>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>The application of an app host, as its own entry point describes it.</summary>
    /// <typeparam name="TEntryPoint">Any type of the app host's assembly, as <c>Projects.My_AppHost</c>.</typeparam>
    /// <param name="args">Configuration in the form <c>Key:Name=value</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var (session, builder) = await TestSession.StartAsync(typeof(TEntryPoint).Assembly, args, cancellationToken);
        return new Builder(session, builder);
    }

    private sealed class Builder(TestSession session, DistributedApplicationBuilder inner) : IDistributedApplicationTestingBuilder
    {
        private bool _isBuilt;

        public ConfigurationManager Configuration => inner.Configuration;

        public string AppHostDirectory => inner.AppHostDirectory;

        public IHostEnvironment Environment => inner.Environment;

        public IServiceCollection Services => inner.Services;

        public IDistributedApplicationEventing Eventing => inner.Eventing;

        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

        public IResourceCollection Resources => inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource => inner.AddResource(resource);

        public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
        {
            _isBuilt = true;
            return session.AppHostAssembly is null ? Task.FromResult(inner.Build()) : session.BuildAsync(cancellationToken);
        }

        public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

        public async ValueTask DisposeAsync()
        {
            if (!_isBuilt)      // else the application owns all of it
            {
                inner.Discard();
                await session.EndAsync();
            }
        }
    }
}
