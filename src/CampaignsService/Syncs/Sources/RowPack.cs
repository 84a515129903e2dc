using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Rows as they are kept: lists of values in the order of the source's columns, whose names are kept once, together and compressed. What is
/// short in the file is short on the disk.
/// </summary>
internal sealed class RowPack(ColumnSet columns)
{
    private const int MostRows = 1_000;
    private const int MostBytes = 4 * 1024 * 1024;

    // Brotli's middle: the ones above take many times as long for a few per cent
    private const int Quality = 4;
    private const int Window = 18;

    // it goes into no page, and letters of any script stay short
    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _json = new();

    public int Rows { get; private set; }

    public bool IsFull => Rows == MostRows || _json.WrittenCount >= MostBytes;

    /// <summary>Takes a row, whose columns are in the set.</summary>
    public void Add(SourceRow row)
    {
        var values = new string?[row.Columns.Count == 0 ? 0 : row.Columns.Keys.Max(columns.IndexOf) + 1];
        foreach (var (name, value) in row.Columns)
        {
            values[columns.IndexOf(name)] = value;
        }

        _json.Write(Rows == 0 ? "["u8 : ","u8);
        using var writer = new Utf8JsonWriter(_json, Unescaped);
        JsonSerializer.Serialize(writer, values);
        Rows++;
    }

    /// <summary>The rows since the last time, packed.</summary>
    public byte[] Take()
    {
        _json.Write("]"u8);
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(_json.WrittenCount)];
        if (!BrotliEncoder.TryCompress(_json.WrittenSpan, packed, out var length, Quality, Window))
        {
            throw new InvalidOperationException($"{_json.WrittenCount} bytes do not fit into the {packed.Length} that they take at most.");
        }

        _json.ResetWrittenCount();
        Rows = 0;
        return packed[..length];
    }

    /// <summary>Rows as they were taken, without columns that have no value.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Open(byte[] packed, IReadOnlyList<string> columns)
    {
        using var json = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        foreach (var values in JsonSerializer.Deserialize<string?[][]>(json)!)
        {
            var row = new Dictionary<string, string>(values.Length, StringComparer.Ordinal);
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i] is { } value)
                {
                    row[columns[i]] = value;
                }
            }

            yield return row;
        }
    }
}
