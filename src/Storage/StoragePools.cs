using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// A service's connections. Requests have their own, and so has all else that the service does: however many requests come, its workers go
/// on, and however much its workers have to do, it answers. Of each a part is for <see cref="TenantStatements"/>. Of those of requests no tenant
/// has all; work is shared out where it is claimed.
/// </summary>
internal sealed class StoragePools : IDisposable
{
    // of what was begun for a request, to the end of it
    private static readonly AsyncLocal<bool> IsForRequest = new();

    private readonly Pair _requests;
    private readonly Pair _work;
    private readonly TenantPlaces _places;
    private readonly TenantPlaces _placesOfStatements;

    public StoragePools(StorageConnection settings)
    {
        _requests = new Pair(settings, settings.Requests);
        _work = new Pair(settings, settings.Work);
        _places = new TenantPlaces(settings.Requests.Contexts);
        _placesOfStatements = new TenantPlaces(settings.Requests.Statements);
    }

    /// <summary>For contexts, of whoever asks.</summary>
    public NpgsqlDataSource Contexts => Own.Contexts;

    /// <summary>For statements, whose connections never have anything to forget.</summary>
    public NpgsqlDataSource Statements => Own.Statements;

    /// <summary>For what the service does by itself, whoever asks.</summary>
    public NpgsqlDataSource OfWork => _work.Contexts;

    /// <summary>Where a context's tenant waits for its place; null where it needs none.</summary>
    public TenantPlaces? PlacesOf(TenantId tenant) => NeedsPlace(tenant) ? _places : null;

    /// <summary>A tenant's place for a statement, until it is disposed; null where it needs none.</summary>
    /// <inheritdoc cref="TenantPlaces.TakeAsync"/>
    public async ValueTask<IDisposable?> TakeForStatementAsync(TenantId tenant, CancellationToken cancellationToken) =>
        NeedsPlace(tenant) ? await _placesOfStatements.TakeAsync(tenant, cancellationToken) : null;

    // what belongs to no tenant is the service's own: directories, queues
    private static bool NeedsPlace(TenantId tenant) => IsForRequest.Value && tenant != TenantId.None;

    private Pair Own => IsForRequest.Value ? _requests : _work;

    /// <summary>Runs what belongs to a request.</summary>
    public static async Task ForRequestAsync(Func<Task> run)
    {
        IsForRequest.Value = true;
        await run();
    }

    /// <summary>Lets go of all connections; those in use end with their use.</summary>
    public void Clear()
    {
        _requests.Clear();
        _work.Clear();
    }

    public void Dispose()
    {
        _requests.Dispose();
        _work.Dispose();
        _places.Dispose();
        _placesOfStatements.Dispose();
    }

    /// <summary>Says of every request that it is one, before anything else sees it.</summary>
    internal sealed class RequestMark : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) => ForRequestAsync(() => rest(context)));
            next(app);
        };
    }

    private sealed class Pair(StorageConnection settings, PoolSizes sizes) : IDisposable
    {
        public NpgsqlDataSource Contexts { get; } = Create(new(settings.Builder.ConnectionString) { MaxPoolSize = sizes.Contexts });

        public NpgsqlDataSource Statements { get; } = Create(
            new(settings.Builder.ConnectionString) { MaxPoolSize = sizes.Statements, NoResetOnClose = true });

        public void Clear()
        {
            Contexts.Clear();
            Statements.Clear();
        }

        public void Dispose()
        {
            Contexts.Dispose();
            Statements.Dispose();
        }

        // a look into a queue, and a health check, belong to no request: each would be a trace of its own
        private static NpgsqlDataSource Create(NpgsqlConnectionStringBuilder connection)
        {
            var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString);
            builder.ConfigureTracing(traces => traces
                .ConfigureCommandFilter(_ => Activity.Current is not null)
                .ConfigureBatchFilter(_ => Activity.Current is not null)
                .EnablePhysicalOpenTracing(false));
            // its first connection would ask for every type that the database has: the platform makes none
            builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
            return builder.Build();
        }
    }
}
