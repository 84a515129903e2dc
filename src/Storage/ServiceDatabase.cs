using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.Storage;

/// <summary>
/// A service's database and the context for it. Each context has one that derives from it: the service works with it, <c>--migrate</c> prepares it,
/// and <c>dotnet ef</c> finds it by itself.
/// </summary>
/// <param name="name">The service's name for it: the connection string is <c>ConnectionStrings:{name}</c>.</param>
/// <param name="create">Opens a context for a tenant.</param>
public abstract class ServiceDatabase<TContext>(string name, Func<DbContextOptions<TContext>, TenantId, TContext> create)
    : IDesignTimeDbContextFactory<TContext>
    where TContext : TenantDbContext
{
    public string Name => name;

    internal Func<DbContextOptions<TContext>, TenantId, TContext> Create => create;

    public TContext CreateDbContext(string[] args) => create(new DbContextOptionsBuilder<TContext>().UseNpgsql().Build(), TenantId.None);

    /// <summary>
    /// The step <c>--migrate</c>, before a version's services start: makes the database's roles and applies the migrations. It alone knows a login
    /// that may create roles (<c>ConnectionStrings:{name}</c>), and gives the service its password (<c>Storage:ServicePassword</c>).
    /// </summary>
    /// <returns>The process' exit code: 1 where it could not; the log says why.</returns>
    public async Task<int> MigrateAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddLogDefaults();
        using var host = builder.Build();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ZohoPlatform.Storage.DatabaseMigration");
        try
        {
            await MigrateAsync(
                builder.Configuration.GetConnectionString(name) ?? "",
                builder.Configuration["Storage:ServicePassword"] ?? "",
                TimeProvider.System,
                logger,
                host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or NpgsqlException or DbUpdateException)
        {
            await Console.Error.WriteLineAsync($"Database {name} was not migrated: {e.Message}");
            return 1;
        }
    }

    /// <summary>As <c>--migrate</c>, in a process that does other things as well.</summary>
    /// <param name="connectionString">A login that may create roles.</param>
    /// <param name="servicePassword">Password that the role <c>{database}_service</c> gets, 16 characters or more.</param>
    /// <param name="clock">Times the waits for a server that is not up and for another replica's turn.</param>
    /// <param name="logger">Told of waits and of what was applied.</param>
    /// <param name="cancellationToken">Ends it between statements.</param>
    /// <exception cref="InvalidOperationException">A setting is missing, or the database is of an earlier shape.</exception>
    public Task MigrateAsync(
        string connectionString, string servicePassword, TimeProvider clock, ILogger logger, CancellationToken cancellationToken) =>
        new DatabaseMigration<TContext>(this, connectionString, servicePassword, clock, logger).ApplyAsync(cancellationToken);
}
