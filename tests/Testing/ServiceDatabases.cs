using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Testing;

/// <summary>A service's database as <c>--migrate</c> leaves it.</summary>
public static class ServiceDatabases
{
    private const string Password = "fake-service-password";

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

        /// <summary>As <see cref="MigrateAsync{TContext}(ServiceDatabase{TContext}, string)"/>, for a configuration that names the admin's login.</summary>
        public async Task<IEnumerable<KeyValuePair<string, string?>>> MigrateAsync(IEnumerable<KeyValuePair<string, string?>> settings)
        {
            var own = new Dictionary<string, string?>(settings, StringComparer.OrdinalIgnoreCase);
            var setting = $"ConnectionStrings:{database.Name}";
            if (own.GetValueOrDefault(setting) is { } admin)
            {
                own[setting] = await database.MigrateAsync(admin);
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
}
