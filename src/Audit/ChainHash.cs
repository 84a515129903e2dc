using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.Audit;

/// <summary>What the links of a chain are made of.</summary>
internal static class ChainHash
{
    /// <summary>A link's hash, to be fed with its entries by <see cref="Add"/>.</summary>
    public static IncrementalHash Start(byte[]? before)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before ?? []);
        return hash;
    }

    /// <summary>
    /// Numbers are 8 bytes big-endian, times microseconds since 1970, ids 16 bytes big-endian, and every text has its length in UTF-8
    /// bytes before it: what stands in one field cannot pass for the start of the next.
    /// </summary>
    public static void Add(IncrementalHash hash, AuditRecord entry, long sequence)
    {
        AddNumber(hash, sequence);
        hash.AppendData(entry.TenantId.Value.ToByteArray(bigEndian: true));
        hash.AppendData(entry.Id.ToByteArray(bigEndian: true));
        AddNumber(hash, (entry.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        foreach (var text in (ReadOnlySpan<string>)[entry.Actor, entry.FromAddress, entry.TraceId, entry.Action, entry.Subject, entry.Details])
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
