using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>Which migrations a database has had.</summary>
internal static class MigrationHistory
{
    public const string Table = "public.\"__EFMigrationsHistory\"";

    /// <summary>Migrations of <paramref name="context"/> that the database has not had. One of a later version has had them all.</summary>
    /// <exception cref="InvalidOperationException">The database begins with another migration: it is of an earlier shape.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(
        StorageConnection settings, TenantDbContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var ours = context.Database.GetMigrations().ToList();
        var applied = await AppliedAsync(connection, cancellationToken);
        // nobody must be told to drop one of a later version, which begins with the same migration
        return applied.Count > 0 && applied[0] != ours.FirstOrDefault()
            ? throw new InvalidOperationException(
                $"Database {settings.Database} has the tables of an earlier version (it begins with migration {applied[0]}), which cannot be carried "
                    + "over: reset it, with ./run.sh --reset where that launched it, else by dropping and creating the database.")
            : ours.Except(applied, StringComparer.Ordinal).ToList();
    }

    private static async Task<IReadOnlyList<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('{Table}') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is false)
        {
            return [];
        }

        // the id is the first column, whichever name it has
        await using var history = new NpgsqlCommand($"SELECT * FROM {Table} ORDER BY 1", connection);
        await using var rows = await history.ExecuteReaderAsync(cancellationToken);
        var applied = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
        {
            applied.Add(rows.GetString(0));
        }

        return applied;
    }
}
