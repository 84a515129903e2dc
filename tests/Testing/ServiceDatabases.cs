using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Testing;

/// <summary>A service's database as <c>--migrate</c> leaves it.</summary>
public static class ServiceDatabases
{
    private const string Password = "fake-service-password";

    private static readonly ConcurrentDictionary<(Type Context, string Host, int Port), Lazy<Task<string>>> Templates = [];

    // a replica that was killed may have left connections, and what must not be changed by the service is kept so by triggers
    private const string Empty =
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user;
        DO $$
        BEGIN
            SET LOCAL session_replication_role = replica;
            EXECUTE (
                SELECT 'TRUNCATE ' || string_agg(oid::regclass::text, ', ') || ' RESTART IDENTITY'
                FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> '__EFMigrationsHistory');
        END
        $$
        """;

    // replicas start at once
    private static readonly ConcurrentDictionary<(string Host, int Port, string Database), Lazy<Task<string>>> Prepared = [];

    // of the shared server
    private static readonly ConcurrentDictionary<Type, ConcurrentBag<string>> GivenBack = [];

    extension<TContext>(ServiceDatabase<TContext> database)
        where TContext : TenantDbContext
    {
        /// <summary>Applies the migrations.</summary>
        /// <param name="admin">The connection string of a login that may create roles.</param>
        /// <returns>The connection string that the service gets.</returns>
        public async Task<string> MigrateAsync(string admin)
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            await database.MigrateAsync(admin, Password, TimeProvider.System, NullLogger.Instance, limit.Token);
            return LoginOf(admin);
        }

        /// <summary>
        /// A prepared database on the shared server that nobody else uses: one that was given back, where there is one.
        /// </summary>
        /// <returns>The connection string of a login that may create roles.</returns>
        public async Task<string> RentAsync()
        {
            if (GivenBack.GetOrAdd(typeof(TContext), _ => []).TryTake(out var admin))
            {
                return admin;
            }

            admin = await (await TestServers.Shared).CreateDatabaseAsync();
            await database.PrepareAsync(admin);
            return admin;
        }

        /// <summary>Empties one that was rented, for the next. Not for one whose shape was changed.</summary>
        public async Task GiveBackAsync(string admin)
        {
            // over a connection of the test's own, where it has one
            await using var connection = new NpgsqlConnection(admin);
            try
            {
                await EmptyAsync(connection);
            }
            catch (NpgsqlException)
            {
                // the test has had all of them ended
                await connection.CloseAsync();
                NpgsqlConnection.ClearPool(connection);
                await EmptyAsync(connection);
            }

            // those of the service's login were just ended, and a pool that a test has made by itself does not know
            await using var ended = new NpgsqlConnection(LoginOf(admin));
            NpgsqlConnection.ClearPool(ended);
            GivenBack.GetOrAdd(typeof(TContext), _ => []).Add(admin);
        }

        /// <summary>
        /// As <see cref="MigrateAsync{TContext}(ServiceDatabase{TContext}, string)"/>, once for a database. One that is empty yet becomes a copy of
        /// one that was migrated before, which takes a tenth of the time; its roles may what the first one's may.
        /// </summary>
        public Task<string> PrepareAsync(string admin)
        {
            var login = new NpgsqlConnectionStringBuilder(admin);
            return Prepared.GetOrAdd((login.Host!, login.Port, login.Database!), _ => new(async () =>
            {
                await database.CopyAsync(admin);
                return await database.MigrateAsync(admin);
            })).Value;
        }

        private async Task CopyAsync(string admin)
        {
            if (!await IsEmptyAsync(admin))
            {
                return;
            }

            var login = new NpgsqlConnectionStringBuilder(admin);
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(admin) { Database = "postgres", Pooling = false });
            var template = await Templates.GetOrAdd(
                (typeof(TContext), login.Host!, login.Port),
                _ => new(async () =>
                {
                    // the same server may be reached by two ways, one of which a test can cut
                    var name = $"migrated_{typeof(TContext).Name.ToLowerInvariant()}_{login.Port}";
                    await RunAsync(source, $"CREATE DATABASE {name}");
                    await database.MigrateAsync(new NpgsqlConnectionStringBuilder(admin) { Database = name, Pooling = false }.ConnectionString);
                    return name;
                })).Value;
            await RunAsync(source, $"DROP DATABASE {login.Database}");
            await RunAsync(source, $"CREATE DATABASE {login.Database} TEMPLATE {template}");
            foreach (var role in (string[])["owner", "service"])
            {
                await RunAsync(source, $"CREATE ROLE {login.Database}_{role} IN ROLE {template}_{role}");
            }

            // foreign keys are looked up as the owner of their table
            await using var copy = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(admin) { Pooling = false });
            await RunAsync(copy, $"REASSIGN OWNED BY {template}_owner TO {login.Database}_owner");
        }

        /// <summary>As <see cref="PrepareAsync{TContext}(ServiceDatabase{TContext}, string)"/>, for a configuration that names the admin's login.</summary>
        public async Task<IEnumerable<KeyValuePair<string, string?>>> PrepareAsync(IEnumerable<KeyValuePair<string, string?>> settings)
        {
            var own = new Dictionary<string, string?>(settings, StringComparer.OrdinalIgnoreCase);
            var setting = $"ConnectionStrings:{database.Name}";
            if (own.GetValueOrDefault(setting) is { } admin)
            {
                own[setting] = await database.PrepareAsync(admin);
            }

            return own;
        }
    }

    /// <summary>The service's login to a database that has been migrated.</summary>
    public static string LoginOf(string admin)
    {
        var login = new NpgsqlConnectionStringBuilder(admin);
        (login.Username, login.Password) = ($"{login.Database}_service", Password);
        return login.ConnectionString;
    }

    private static async Task<bool> IsEmptyAsync(string admin)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(admin) { Pooling = false });
        await using var look = source.CreateCommand("SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)");
        return (bool)(await look.ExecuteScalarAsync())!;
    }

    private static async Task EmptyAsync(NpgsqlConnection connection)
    {
        await connection.OpenAsync();
        await using var empty = new NpgsqlCommand(Empty, connection);
        await empty.ExecuteNonQueryAsync();
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
