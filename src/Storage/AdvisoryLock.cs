using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>PostgreSQL's locks on what is no row. They are told apart by number; here by name, so that no number is used twice.</summary>
public static class AdvisoryLock
{
    // milliseconds, as PostgreSQL takes it
    private const string LockWithin = "2000";

    /// <summary>The lock's number: the same in every process and version.</summary>
    public static long KeyOf(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    extension(DbContext context)
    {
        /// <summary>Waits for the lock of this database that has this name, and holds it until the context's transaction ends.</summary>
        /// <exception cref="InvalidOperationException">There is no transaction that it could be held for.</exception>
        public Task LockAsync(string name, CancellationToken cancellationToken) => context.Database.CurrentTransaction is not null
            ? context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({KeyOf(name)})", cancellationToken)
            : throw new InvalidOperationException("A lock is held for a transaction: begin one first.");

        /// <summary>
        /// As <see cref="LockAsync(DbContext, string, CancellationToken)"/>, for what a caller waits for: many who wait for one lock would hold connections that
        /// others need. False where it is not had in time; the transaction has failed then.
        /// </summary>
        public async Task<bool> TryLockAsync(string name, CancellationToken cancellationToken)
        {
            try
            {
                await context.Database.ExecuteSqlAsync($"SELECT set_config('lock_timeout', {LockWithin}, true)", cancellationToken);
                await context.LockAsync(name, cancellationToken);
                await context.Database.ExecuteSqlAsync($"SELECT set_config('lock_timeout', '0', true)", cancellationToken);
                return true;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return false;
            }
        }
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
