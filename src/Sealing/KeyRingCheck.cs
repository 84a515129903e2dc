using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sealing;

/// <summary>
/// Refuses a start that could not open what is stored or would miss some of it, and makes the ring's first key where there is none. What an older master key
/// wraps it wraps with the newest.
/// </summary>
internal sealed partial class KeyRingCheck(
    SealingDatabase db, IEnumerable<SealedColumn> columns, MasterKeys masterKeys, IDataProtectionProvider protection, ILogger<KeyRingCheck> logger)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await db.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // replicas that start together on an empty database make one key, not one each
        await transaction.LockAsync("sealing.ring", cancellationToken);
        await RequireTriggersAsync(connection, transaction, cancellationToken);

        await using (var foreign = new NpgsqlCommand(
            "SELECT master_key_id, count(*) FROM key_ring WHERE master_key_id <> ALL ($1) GROUP BY 1 LIMIT 1", connection, transaction))
        {
            foreign.Parameters.Add(new NpgsqlParameter { Value = masterKeys.Ids.ToArray() });
            await using var reader = await foreign.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                throw new InvalidOperationException(
                    $"Secrets:MasterKey does not hold the key that this database was sealed with: {reader.GetInt64(1)} stored "
                        + $"keys need master key {reader.GetString(0)}, configured is {string.Join(", ", masterKeys.Ids)}. "
                        + "Configure that key; nothing was changed.");
            }
        }

        var rewrapped = await RewrapAsync(connection, transaction, cancellationToken);
        // opens the ring, and makes its first key where there is none
        Prove(protection.CreateProtector("start"));
        await transaction.CommitAsync(cancellationToken);
        if (rewrapped > 0)
        {
            LogRewrapped(rewrapped, masterKeys.Newest);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // the values of a tenant that is not noted would be neither counted nor sealed anew, and a rotation would seem to be through
    private async Task RequireTriggersAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var forgotten = new NpgsqlCommand(
            """
            SELECT name FROM unnest($1) AS name
            WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(name) AND tgname = $2 AND tgenabled <> 'D')
            ORDER BY 1 LIMIT 1
            """,
            connection,
            transaction);
        forgotten.Parameters.Add(new NpgsqlParameter { Value = columns.Select(column => column.Table).Distinct(StringComparer.Ordinal).ToArray() });
        forgotten.Parameters.Add(new NpgsqlParameter { Value = SealingModel.Trigger });
        if (await forgotten.ExecuteScalarAsync(cancellationToken) is string table)
        {
            throw new InvalidOperationException(
                $"The table {table} holds sealed values and says of no tenant that it has any: its migration lacks NoteSealing. Nothing was changed.");
        }
    }

    // all of it or nothing; replicas that run with the older master key have the ring in memory, and those that start have both keys
    private async Task<int> RewrapAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var older = new List<(long Id, XElement Key)>();
        await using (var select = new NpgsqlCommand("SELECT id, xml FROM key_ring WHERE master_key_id <> $1", connection, transaction))
        {
            select.Parameters.Add(new NpgsqlParameter { Value = masterKeys.Newest });
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                older.Add((reader.GetInt64(0), XElement.Parse(reader.GetString(1))));
            }
        }

        foreach (var (id, key) in older)
        {
            await using var update = new NpgsqlCommand(
                "UPDATE key_ring SET xml = $1, master_key_id = $2 WHERE id = $3", connection, transaction);
            update.Parameters.Add(new NpgsqlParameter { Value = masterKeys.Rewrap(key).ToString(SaveOptions.DisableFormatting) });
            update.Parameters.Add(new NpgsqlParameter { Value = masterKeys.Newest });
            update.Parameters.Add(new NpgsqlParameter { Value = id });
            await update.ExecuteNonQueryAsync(cancellationToken);
        }

        return older.Count;
    }

    private static void Prove(IDataProtector protector) => protector.Unprotect(protector.Protect([]));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} keys of the ring are wrapped with master key {MasterKeyId} now")]
    private partial void LogRewrapped(int count, string masterKeyId);
}
