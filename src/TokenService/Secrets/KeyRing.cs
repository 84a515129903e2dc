using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>Where the key ring lives: this service's own database, every key wrapped by the master key.</summary>
internal sealed class KeyRing(TenantDb<TokensDbContext> db) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = db.DataSource.CreateCommand("SELECT xml FROM key_ring ORDER BY id");
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            elements.Add(XElement.Parse(reader.GetString(0)));
        }

        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var masterKey = element.Descendants(MasterKeyXmlEncryptor.Element).SingleOrDefault()
            ?.Attribute(MasterKeyXmlEncryptor.MasterKeyAttribute)?.Value;
        using var command = db.DataSource.CreateCommand("INSERT INTO key_ring (name, master_key_id, xml) VALUES ($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter { Value = friendlyName });
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)masterKey ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}

/// <summary>
/// Refuses a start that could not open what is stored. Data Protection itself would pass over keys that it cannot open and make new ones,
/// and every secret sealed before would be lost quietly.
/// </summary>
internal sealed class KeyRingCheck(TenantDb<TokensDbContext> db, MasterKey masterKey, IDataProtectionProvider protection)
    : IHostedLifecycleService
{
    // an arbitrary number that all versions of this service agree on
    private const long RingLock = 0x5A6F686F_0002;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await db.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // replicas that start together on an empty database make one key, not one each
        await using (var take = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({RingLock})", connection, transaction))
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var foreign = new NpgsqlCommand(
            "SELECT master_key_id, count(*) FROM key_ring WHERE master_key_id <> $1 GROUP BY 1 LIMIT 1", connection, transaction))
        {
            foreign.Parameters.Add(new NpgsqlParameter { Value = masterKey.Id });
            await using var reader = await foreign.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                throw new InvalidOperationException(
                    $"Secrets:MasterKey is not the key that this database was sealed with: {reader.GetInt64(1)} stored "
                        + "keys need master key "
                    + $"{reader.GetString(0)}, the configured one is {masterKey.Id}. Configure that key; nothing was changed.");
            }
        }

        // opens the ring, and makes its first key where there is none
        Prove(protection.CreateProtector("start"));
        await transaction.CommitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Prove(IDataProtector protector) => protector.Unprotect(protector.Protect([]));
}
