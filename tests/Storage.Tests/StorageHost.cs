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
    public const string Password = "fake-service-password";

    private readonly IHost _host;

    private StorageHost(IHost host) => _host = host;

    public TenantDb<NotesDbContext> Db => _host.Services.GetRequiredService<TenantDb<NotesDbContext>>();

    public IServiceProvider Services => _host.Services;

    public static async Task<StorageHost> StartAsync(
        string? connectionString = null, string password = Password, TimeProvider? clock = null, ILoggerProvider? log = null,
        Action<IServiceCollection>? add = null)
    {
        connectionString ??= await (await TestServers.Shared).CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:notes"] = connectionString,
            ["Storage:ServicePassword"] = password,
        });
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.AddStorage<NotesDbContext>("notes", (options, tenant) => new NotesDbContext(options, tenant));
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
