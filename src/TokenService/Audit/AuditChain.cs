using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Audit;

/// <summary>A link of a tenant's chain: what was written in one go.</summary>
internal sealed class AuditBatch
{
    public required TenantId TenantId { get; init; }

    public required long FirstSequence { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>
    /// SHA-256 over the hash of the batch before (nothing for the first) and every entry in order, see <see cref="AuditChain"/>.
    /// </summary>
    public required byte[] Hash { get; init; }
}

/// <summary>The only way into the audit: numbers a tenant's entries and links every batch to the one before.</summary>
internal static class AuditChain
{
    /// <summary>
    /// Writes <paramref name="entries"/> as one batch, in the caller's transaction. Call it last before the commit: until then no other
    /// entry of this tenant is written. Entries that are there already are left as they are: a commit that had no answer is met again.
    /// </summary>
    public static async Task AppendAsync(
        TokensDbContext context, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;
        await context.LockAsync($"audit {tenant}", cancellationToken);
        var first = entries[0].Id;
        if (await context.AuditEntries.AnyAsync(entry => entry.Id == first, cancellationToken))
        {
            return;
        }

        var before = await context.AuditBatches.AsNoTracking()
            .OrderByDescending(batch => batch.LastSequence)
            .FirstOrDefaultAsync(cancellationToken);
        var start = (before?.LastSequence ?? 0) + 1;
        var last = start + entries.Count - 1;
        using var hash = StartLink(before?.Hash);
        for (var i = 0; i < entries.Count; i++)
        {
            Add(hash, entries[i], start + i);
        }

        // one statement however many entries there are: a row each would hold back every other writer of this tenant
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_entries (tenant_id, sequence, id, at, actor, action, subject, details)
            SELECT {tenant.Value}, {start} + entry.place - 1, entry.id, entry.at, entry.actor, entry.action, entry.subject,
                entry.details::json
            FROM unnest({entries.Select(entry => entry.Id).ToArray()}, {entries.Select(entry => entry.At).ToArray()},
                {entries.Select(entry => entry.Actor).ToArray()}, {entries.Select(entry => entry.Action).ToArray()},
                {entries.Select(entry => entry.Subject).ToArray()}, {entries.Select(entry => entry.Details).ToArray()})
                WITH ORDINALITY AS entry (id, at, actor, action, subject, details, place)
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_batches (tenant_id, first_sequence, last_sequence, hash)
            VALUES ({tenant.Value}, {start}, {last}, {hash.GetHashAndReset()})
            """,
            cancellationToken);
    }

    /// <summary>A link's hash, to be fed with its entries by <see cref="Add"/>.</summary>
    public static IncrementalHash StartLink(byte[]? before)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before ?? []);
        return hash;
    }

    /// <summary>
    /// Numbers are 8 bytes big-endian, times microseconds since 1970, ids 16 bytes big-endian, and every text has its length in UTF-8
    /// bytes before it: what stands in one field cannot pass for the start of the next.
    /// </summary>
    public static void Add(IncrementalHash hash, AuditEntry entry, long sequence)
    {
        AddNumber(hash, sequence);
        hash.AppendData(entry.TenantId.Value.ToByteArray(bigEndian: true));
        hash.AppendData(entry.Id.ToByteArray(bigEndian: true));
        AddNumber(hash, (entry.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        foreach (var text in (ReadOnlySpan<string>)[entry.Actor, entry.Action, entry.Subject, entry.Details])
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            AddNumber(hash, bytes.Length);
            hash.AppendData(bytes);
        }
    }

    private static void AddNumber(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
