using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>
/// Before anything else starts: makes the roles and applies the migrations, one replica at a time. The schema belongs to
/// <c>{database}_owner</c>, which nobody can log in as; the service works as <c>{database}_service</c>, which owns nothing.
/// </summary>
internal sealed partial class DatabasePreparation<TContext>(
    StorageConnections connections,
    Func<DbContextOptions<TContext>, TContext> create,
    IOptions<StorageOptions> options,
    TimeProvider clock,
    ILogger<DatabasePreparation<TContext>> logger) : IHostedLifecycleService
    where TContext : TenantDbContext
{
    private static readonly long PreparationLock = AdvisoryLock.KeyOf("storage preparation");

    private static readonly TimeSpan DatabaseStartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WordEvery = TimeSpan.FromSeconds(30);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var admin = new NpgsqlConnectionStringBuilder(connections.Admin) { Pooling = false };
        await using var connection = await OpenAsync(admin, cancellationToken);
        await TakeTurnAsync(connection, cancellationToken);

        // every object that a migration makes belongs to the owner role
        var owner = new NpgsqlConnectionStringBuilder(admin.ConnectionString)
        {
            Options = $"{admin.Options} -c role={connections.OwnerRole}",
            CommandTimeout = 0,     // a migration takes as long as its tables are large
        };
        await using var context = create(new DbContextOptionsBuilder<TContext>().UseNpgsql(owner.ConnectionString).Build());
        await RefuseEarlierShapeAsync(connection, context.Database.GetMigrations().FirstOrDefault(), cancellationToken);
        await PrepareRolesAsync(connection, cancellationToken);
        // asked for before it exists, it would be an error in the server's log
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        // it decides whether the next start is refused
        await ExecuteAsync(
            connection, $"REVOKE ALL ON public.\"__EFMigrationsHistory\" FROM {Quote(connections.ServiceRole)}", cancellationToken);
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await context.Database.MigrateAsync(cancellationToken);
            LogMigrated(connections.Database, pending.Count, pending[^1]);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlConnectionStringBuilder admin, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var nextWord = TimeSpan.Zero;
        while (true)
        {
            var connection = new NpgsqlConnection(admin.ConnectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
                return connection;
            }
            catch (NpgsqlException e) when (e.IsTransient && clock.GetElapsedTime(started) < DatabaseStartLimit)
            {
                await connection.DisposeAsync();
                if (clock.GetElapsedTime(started) is var waited && waited >= nextWord)
                {
                    LogWaiting(connections.Database, admin.Host, admin.Port, (int)waited.TotalSeconds, e.Message);
                    nextWord = waited + WordEvery;
                }

                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    // without a timeout: another replica may migrate for longer than any statement may take
    private async Task TakeTurnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        // session-level: released with the connection, also when this process dies
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({PreparationLock})", connection) { CommandTimeout = 0 };
        var taken = take.ExecuteNonQueryAsync(cancellationToken);
        while (await Task.WhenAny(taken, Task.Delay(WordEvery, clock, cancellationToken)) != taken && !cancellationToken.IsCancellationRequested)
        {
            LogWaitingForTurn(connections.Database, (int)clock.GetElapsedTime(started).TotalSeconds);
        }

        await taken;
    }

    private async Task PrepareRolesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (database, owner, service) = (Quote(connections.Database), Quote(connections.OwnerRole), Quote(connections.ServiceRole));
        await EnsureRoleAsync(connection, connections.OwnerRole, cancellationToken);
        await EnsureRoleAsync(connection, connections.ServiceRole, cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            ALTER ROLE {owner} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
            ALTER ROLE {service} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{ScramVerifier.Of(options.Value.ServicePassword)}';
            GRANT {owner} TO CURRENT_USER;
            ALTER SCHEMA public OWNER TO {owner};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            REVOKE ALL ON DATABASE {database} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {database} TO {service};
            GRANT USAGE ON SCHEMA public TO {service};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {service};
            """,
            cancellationToken);
    }

    // one of a later version begins with the same migration and is left alone: nobody must be told to drop it
    private async Task RefuseEarlierShapeAsync(NpgsqlConnection connection, string? ours, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("""SELECT to_regclass('public."__EFMigrationsHistory"') IS NOT NULL""", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is false)
        {
            return;
        }

        // the id is the first column, whichever name it has
        await using var history = new NpgsqlCommand("""SELECT * FROM public."__EFMigrationsHistory" ORDER BY 1 LIMIT 1""", connection);
        await using var first = await history.ExecuteReaderAsync(cancellationToken);
        if (await first.ReadAsync(cancellationToken) && first.GetString(0) is var theirs && theirs != ours)
        {
            throw new InvalidOperationException(
                $"Database {connections.Database} has the tables of an earlier version (it begins with migration {theirs}), which cannot be carried "
                    + "over: reset it, with ./run.sh --reset where that launched it, else by dropping and creating the database.");
        }
    }

    private static async Task EnsureRoleAsync(NpgsqlConnection connection, string role, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", connection) { Parameters = { new() { Value = role } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await ExecuteAsync(connection, $"CREATE ROLE {Quote(role)}", cancellationToken);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [LoggerMessage(Level = LogLevel.Information, Message = "Database {Database}: applied {Count} migrations, now at {Migration}")]
    private partial void LogMigrated(string database, int count, string migration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Database {Database}: another replica is preparing it, waited for {Seconds} s so far")]
    private partial void LogWaitingForTurn(string database, int seconds);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Database {Database}: waiting for PostgreSQL at {Host}:{Port}, {Seconds} s so far: {Reason}")]
    private partial void LogWaiting(string database, string? host, int port, int seconds, string reason);
}
