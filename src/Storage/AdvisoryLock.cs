using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>PostgreSQL's locks on what is no row. They are told apart by number; here by name, so that no number is used twice.</summary>
public static class AdvisoryLock
{
    /// <summary>The lock's number: the same in every process and version.</summary>
    public static long KeyOf(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    extension(DbContext context)
    {
        /// <summary>Waits for the lock of this database that has this name, and holds it until the context's transaction ends.</summary>
        /// <exception cref="InvalidOperationException">There is no transaction that it could be held for.</exception>
        public Task LockAsync(string name, CancellationToken cancellationToken) => context.Database.CurrentTransaction is not null
            ? context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({KeyOf(name)})", cancellationToken)
            : throw new InvalidOperationException("A lock is held for a transaction: begin one first.");
    }

    extension(NpgsqlConnection connection)
    {
        /// <summary>
        /// Waits for the lock of this database that has this name, and holds it until the connection is closed, without a transaction: for what
        /// waits for others meanwhile.
        /// </summary>
        public async Task LockAsync(string name, CancellationToken cancellationToken)
        {
            await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection);
            take.Parameters.AddWithValue(KeyOf(name));
            await take.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    extension(NpgsqlTransaction transaction)
    {
        /// <summary>Waits for the lock of this database that has this name, and holds it until the transaction ends.</summary>
        public async Task LockAsync(string name, CancellationToken cancellationToken)
        {
            await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", transaction.Connection, transaction);
            take.Parameters.AddWithValue(KeyOf(name));
            await take.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
