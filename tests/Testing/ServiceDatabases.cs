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

    // replicas start at once
    private static readonly ConcurrentDictionary<(string Host, int Port, string Database), Lazy<Task>> Copies = [];

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
        /// As <see cref="MigrateAsync{TContext}(ServiceDatabase{TContext}, string)"/>, of a database that is empty yet: it becomes a copy of one that
        /// was migrated before, which takes a tenth of the time. Its roles may what the first one's may.
        /// </summary>
        public async Task<string> PrepareAsync(string admin)
        {
            var login = new NpgsqlConnectionStringBuilder(admin);
            await Copies.GetOrAdd((login.Host!, login.Port, login.Database!), _ => new(() => database.CopyAsync(admin))).Value;
            return await database.MigrateAsync(admin);
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

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
