using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Makes the roles and applies the migrations, one process at a time. The schema belongs to <c>{database}_owner</c>, which nobody can log in as;
/// the service works as <c>{database}_service</c>, which owns nothing.
/// </summary>
internal sealed partial class DatabaseMigration<TContext>(
    ServiceDatabase<TContext> database, string connectionString, string servicePassword, TimeProvider clock, ILogger logger)
    where TContext : TenantDbContext
{
    private const int ShortestPassword = 16;

    private static readonly long MigrationLock = AdvisoryLock.KeyOf("storage migration");

    private readonly StorageConnection _admin = new(database.Name, connectionString);

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        if (servicePassword.Length < ShortestPassword)
        {
            throw new InvalidOperationException(
                servicePassword.Length == 0
                    ? $"Storage:ServicePassword is missing: set it to the password that {_admin.ServiceRole} is to log in with."
                    : $"Storage:ServicePassword must have at least {ShortestPassword} characters.");
        }

        // others are written in several ways, and PostgreSQL's clients do not agree on one (SASLprep)
        if (servicePassword.Any(letter => letter is < ' ' or > '~'))
        {
            throw new InvalidOperationException("Storage:ServicePassword must have letters, digits and signs of ASCII only: make another one.");
        }

        await using var connection = await PostgresStart.OpenAsync(_admin, clock, logger, cancellationToken);
        await TakeTurnAsync(connection, cancellationToken);

        // every object that a migration makes belongs to the owner role
        var owner = new NpgsqlConnectionStringBuilder(_admin.Builder.ConnectionString)
        {
            Pooling = false,
            Options = $"{_admin.Builder.Options} -c role={_admin.OwnerRole}",
            CommandTimeout = 0,     // a migration takes as long as its tables are large
        };
        await using var context = database.Create(new DbContextOptionsBuilder<TContext>().UseNpgsql(owner.ConnectionString).Build(), TenantId.None);
        await MigrationHistory.ReadAsync(_admin, context, connection, cancellationToken);
        await PrepareRolesAsync(connection, cancellationToken);
        // asked for before it exists, it would be an error in the server's log
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        // it decides whether the next start is refused
        var service = Quote(_admin.ServiceRole);
        await ExecuteAsync(
            connection,
            $"REVOKE ALL ON {MigrationHistory.Table} FROM {service}; GRANT SELECT ON {MigrationHistory.Table} TO {service}",
            cancellationToken);
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await context.Database.MigrateAsync(cancellationToken);
            LogMigrated(logger, _admin.Database, pending.Count, pending[^1]);
        }
    }

    // without a timeout: another replica may migrate for longer than any statement may take
    private async Task TakeTurnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        // session-level: released with the connection, also when this process dies
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({MigrationLock})", connection) { CommandTimeout = 0 };
        var taken = take.ExecuteNonQueryAsync(cancellationToken);
        while (await Task.WhenAny(taken, Task.Delay(PostgresStart.WordEvery, clock, cancellationToken)) != taken && !cancellationToken.IsCancellationRequested)
        {
            LogWaitingForTurn(logger, _admin.Database, (int)clock.GetElapsedTime(started).TotalSeconds);
        }

        await taken;
    }

    private async Task PrepareRolesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (name, owner, service) = (Quote(_admin.Database), Quote(_admin.OwnerRole), Quote(_admin.ServiceRole));
        var ownersExcess = await EnsureRoleAsync(connection, _admin.OwnerRole, cancellationToken);
        var servicesExcess = await EnsureRoleAsync(connection, _admin.ServiceRole, cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            ALTER ROLE {owner} NOLOGIN{ownersExcess};
            ALTER ROLE {service} LOGIN{servicesExcess} PASSWORD '{ScramVerifier.Of(servicePassword)}';
            GRANT {owner} TO CURRENT_USER;
            ALTER SCHEMA public OWNER TO {owner};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            REVOKE ALL ON DATABASE {name} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {name} TO {service};
            GRANT USAGE ON SCHEMA public TO {service};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service};
            ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {service};
            """,
            cancellationToken);
    }

    // what it may too much, to be taken away: only a superuser may even name that, so a role that is as it shall be is not asked for it
    private static async Task<string> EnsureRoleAsync(NpgsqlConnection connection, string role, CancellationToken cancellationToken)
    {
        await using var look = new NpgsqlCommand(
            """
            SELECT CASE WHEN rolsuper THEN ' NOSUPERUSER' ELSE '' END || CASE WHEN rolcreatedb THEN ' NOCREATEDB' ELSE '' END
                || CASE WHEN rolcreaterole THEN ' NOCREATEROLE' ELSE '' END || CASE WHEN rolbypassrls THEN ' NOBYPASSRLS' ELSE '' END
            FROM pg_roles WHERE rolname = $1
            """,
            connection)
        { Parameters = { new() { Value = role } } };
        if (await look.ExecuteScalarAsync(cancellationToken) is string excess)
        {
            return excess;
        }

        await ExecuteAsync(connection, $"CREATE ROLE {Quote(role)}", cancellationToken);
        return "";
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [LoggerMessage(Level = LogLevel.Information, Message = "Database {Database}: applied {Count} migrations, now at {Migration}")]
    private static partial void LogMigrated(ILogger logger, string database, int count, string migration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Database {Database}: another process is preparing it, waited for {Seconds} s so far")]
    private static partial void LogWaitingForTurn(ILogger logger, string database, int seconds);
}
