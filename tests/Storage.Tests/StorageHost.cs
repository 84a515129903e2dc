using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

/// <summary>A host that does nothing but have a database.</summary>
internal sealed class StorageHost : IAsyncDisposable
{
    private readonly IHost _host;

    private StorageHost(IHost host) => _host = host;

    public TenantDb<NotesDbContext> Db => _host.Services.GetRequiredService<TenantDb<NotesDbContext>>();

    public IServiceProvider Services => _host.Services;

    /// <summary>On a database that has had its migrations, as the admin's login reaches it; without one, on a database of its own.</summary>
    public static async Task<StorageHost> StartAsync(
        string? admin = null, TimeProvider? clock = null, ILoggerProvider? log = null, Action<IServiceCollection>? add = null) =>
        await StartAsAsync(
            await new NotesDatabase().MigrateAsync(admin ?? await (await TestServers.Shared).CreateDatabaseAsync()), clock, log, add);

    /// <summary>With a login of any kind, to a database as it is.</summary>
    public static async Task<StorageHost> StartAsAsync(
        string login, TimeProvider? clock = null, ILoggerProvider? log = null, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:notes"] = login,
        });
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.AddStorage(new NotesDatabase());
        add?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new StorageHost(host);
    }

    /// <summary>What its database's health check says.</summary>
    public async Task<HealthReportEntry> HealthAsync() =>
        (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["database"];

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
