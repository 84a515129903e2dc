using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Before anything else starts: the service has logged in as a role that row level security binds, and the database has had this version's
/// migrations. Those may be on their way: they are waited for, for a minute.
/// </summary>
internal sealed partial class DatabaseCheck<TContext>(
    ServiceDatabase<TContext> database, StorageConnection settings, TimeProvider clock, ILogger<DatabaseCheck<TContext>> logger)
    : IHostedLifecycleService
    where TContext : TenantDbContext
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await RefuseStrongRoleAsync(connection, cancellationToken);
        await using var context = database.Create(new DbContextOptionsBuilder<TContext>().UseNpgsql().Build(), TenantId.None);
        await PostgresStart.UntilAsync(
            async () =>
            {
                IReadOnlyList<string> pending;
                try
                {
                    pending = await MigrationHistory.ReadAsync(settings, context, connection, cancellationToken);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
                {
                    return e;       // the step has made the table and is about to give the right to read it
                }

                return pending.Count == 0
                    ? null
                    : new InvalidOperationException(
                        $"Database {settings.Database} lacks {string.Join(", ", pending)}. Apply it with this service's program and --migrate, "
                            + "under a login that may create roles.");
            },
            (waited, reason) => LogWaitingForMigration(settings.Database, waited, reason),
            clock,
            cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PostgresStart.OpenAsync(settings, clock, logger, cancellationToken);
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new InvalidOperationException(
                $"PostgreSQL refuses the login of ConnectionStrings:{settings.Name} ({settings.Builder.Username}). The role {settings.ServiceRole} and its "
                    + "password are made by this service's program with --migrate and Storage:ServicePassword.",
                e);
        }
    }

    private async Task RefuseStrongRoleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(
            """
            SELECT rolsuper OR rolbypassrls
                OR EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public' AND pg_has_role(current_user, nspowner, 'MEMBER'))
            FROM pg_roles WHERE rolname = current_user
            """,
            connection);
        if (await ask.ExecuteScalarAsync(cancellationToken) is not false)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{settings.Name} logs in as {settings.Builder.Username}, who may read every tenant's rows or change the schema. A service "
                    + $"works as {settings.ServiceRole}, which its program makes with --migrate.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Database {Database}: waiting for its migration, {Seconds} s so far: {Reason}")]
    private partial void LogWaitingForMigration(string database, int seconds, string reason);
}
