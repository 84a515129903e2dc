using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ZohoPlatform.Storage;

public static class StorageHosting
{
    // of all of it, a new connection as well
    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(2);

    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Registers <see cref="TenantDb{TContext}"/> on <c>ConnectionStrings:{name}</c>, the login of the service's own role. The host's other services
        /// start once that role is seen to be bound by row level security and the migrations are seen to be applied.
        /// </summary>
        /// <exception cref="InvalidOperationException">The connection string is missing or unusable; the message names the setting.</exception>
        public void AddStorage<TContext>(ServiceDatabase<TContext> database)
            where TContext : TenantDbContext
        {
            var settings = new StorageConnection(database.Name, builder.Configuration.GetConnectionString(database.Name) ?? "");
            builder.Services.AddSingleton(_ => new StoragePools(settings));
            builder.Services.AddSingleton<IStartupFilter, StoragePools.RequestMark>();
            builder.Services.AddSingleton(services => services.GetRequiredService<StoragePools>().OfWork);
            builder.Services.AddSingleton(services => new TenantStatements(services.GetRequiredService<StoragePools>()));
            builder.Services.AddSingleton(services => new TenantDb<TContext>(
                services.GetRequiredService<StoragePools>(), services.GetRequiredService<TenantStatements>(), database.Create));
            builder.Services.AddHostedService(services => new DatabaseCheck<TContext>(
                database,
                settings,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<DatabaseCheck<TContext>>>()));
            builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", timeout: HealthLimit);
            builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddNpgsql());
            builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddNpgsqlInstrumentation());
        }
    }

    /// <summary>Runs what is to be as in a request, on the connections that requests have.</summary>
    public static Task AsRequestAsync(Func<Task> run) => StoragePools.ForRequestAsync(run);

    extension(IServiceCollection services)
    {
        /// <summary>
        /// Has the service listen to a channel: a keyed <see cref="DatabaseSignal"/>, asked for by the channel's name.
        /// </summary>
        public void AddDatabaseSignal(string channel)
        {
            services.AddKeyedSingleton(
                channel, (provider, _) => new DatabaseSignal(channel, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton(new SignalChannel(channel));
            // once, however many channels there are
            services.AddHostedService<DatabaseSignalListener>();
        }

        /// <summary>
        /// A keyed <see cref="WorkQueue"/>, asked for by its table's name, which is the channel's as well.
        /// </summary>
        public void AddWorkQueue(string table, TimeSpan? lease = null)
        {
            services.AddDatabaseSignal(table);
            services.AddSingleton(new QueueTable(table));
            services.AddKeyedSingleton(
                table,
                (provider, _) => new WorkQueue(
                    provider.GetRequiredService<TenantStatements>(),
                    provider.GetRequiredKeyedService<DatabaseSignal>(table),
                    lease ?? WorkQueue.UsualLease,
                    provider.GetRequiredService<TimeProvider>()));
        }
    }

    private sealed class DatabaseHealthCheck(NpgsqlDataSource dataSource, TenantStatements statements) : IHealthCheck
    {
        // the token ends with the check's limit; Npgsql would then still ask the server to cancel, which waits as long again
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            AskAsync(context.Registration.FailureStatus, cancellationToken).WaitAsync(cancellationToken);

        private async Task<HealthCheckResult> AskAsync(HealthStatus failure, CancellationToken cancellationToken)
        {
            try
            {
                // a standby is read-only, too; the message is for nobody, but has to be on the disk before there is an answer
                await using var command = statements.CreateCommand(
                    "SELECT CASE current_setting('transaction_read_only') WHEN 'off' THEN pg_logical_emit_message(true, 'health', '') END");
                if (await command.ExecuteScalarAsync(cancellationToken) is not DBNull)
                {
                    return HealthCheckResult.Healthy();
                }

                // it may be a primary no longer, and another one is
                dataSource.Clear();
                statements.Clear();
                return new HealthCheckResult(failure, "PostgreSQL takes no writes.");
            }
            catch (NpgsqlException e)
            {
                return new HealthCheckResult(failure, "PostgreSQL does not answer.", e);
            }
        }
    }
}
