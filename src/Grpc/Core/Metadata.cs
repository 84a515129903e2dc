using System.Buffers;
using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>
/// Headers or trailers of a call, in order, names repeated as often as wanted. A name that ends in <c>-bin</c> carries bytes, every other
/// name carries printable ASCII (gRPC over HTTP/2, Custom-Metadata).
/// </summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>How the name of a binary entry ends.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries, and none can be added.</summary>
    public static readonly Metadata Empty = new() { IsReadOnly = true };

    private readonly List<Entry> _entries = [];

    /// <inheritdoc />
    public int Count => _entries.Count;

    /// <inheritdoc />
    public bool IsReadOnly { get; private init; }

    /// <inheritdoc />
    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ThrowIfReadOnly();
            _entries[index] = value;
        }
    }

    /// <summary>The last entry of that name, or null.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.Is(key));

    /// <summary>The text of the last entry of that name, or null.</summary>
    /// <exception cref="InvalidOperationException">The entry is binary.</exception>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry of that name (a text's ASCII), or null.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    /// <summary>Every entry of that name, in order.</summary>
    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.Is(key));

    /// <summary>Adds a text entry.</summary>
    public void Add(string key, string value) => Add(new Entry(key, value));

    /// <summary>Adds a binary entry; its name ends in <c>-bin</c>.</summary>
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    /// <inheritdoc />
    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        ThrowIfReadOnly();
        _entries.Add(item);
    }

    /// <inheritdoc />
    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        ThrowIfReadOnly();
        _entries.Insert(index, item);
    }

    /// <inheritdoc />
    public bool Remove(Entry item)
    {
        ThrowIfReadOnly();
        return _entries.Remove(item);
    }

    /// <inheritdoc />
    public void RemoveAt(int index)
    {
        ThrowIfReadOnly();
        _entries.RemoveAt(index);
    }

    /// <inheritdoc />
    public void Clear()
    {
        ThrowIfReadOnly();
        _entries.Clear();
    }

    /// <inheritdoc />
    public bool Contains(Entry item) => _entries.Contains(item);

    /// <inheritdoc />
    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <inheritdoc />
    public int IndexOf(Entry item) => _entries.IndexOf(item);

    /// <inheritdoc />
    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("This metadata is read-only.");
        }
    }

    /// <summary>One name and its value.</summary>
    public class Entry
    {
        private static readonly SearchValues<char> NameCharacters =
            SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

        private readonly string? _value;
        private readonly byte[]? _bytes;

        /// <summary>A binary entry.</summary>
        /// <exception cref="ArgumentException">The name has characters that no header name has, or does not end in <c>-bin</c>.</exception>
        public Entry(string key, byte[] valueBytes)
            : this(key, [.. valueBytes ?? throw new ArgumentNullException(nameof(valueBytes))], null)
        {
        }

        /// <summary>A text entry.</summary>
        /// <exception cref="ArgumentException">The name has characters that no header name has, or ends in <c>-bin</c>.</exception>
        public Entry(string key, string value)
            : this(key, null, value ?? throw new ArgumentNullException(nameof(value)))
        {
        }

        private Entry(string key, byte[]? bytes, string? value)
        {
            Key = Normalize(key);
            _bytes = bytes;
            _value = value;

            if (Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal) == bytes is null)
            {
                throw new ArgumentException($"A name in '{BinaryHeaderSuffix}' carries bytes, any other carries text.", nameof(key));
            }
        }

        /// <summary>The name, in lower case.</summary>
        public string Key { get; }

        /// <summary>The bytes, or the ASCII of the text; a copy.</summary>
        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_value!) : [.. _bytes];

        /// <summary>The text.</summary>
        /// <exception cref="InvalidOperationException">The entry is binary.</exception>
        public string Value => _value ?? throw new InvalidOperationException($"'{Key}' is binary.");

        /// <summary>Whether the entry carries bytes.</summary>
        public bool IsBinary => _bytes is not null;

        internal ReadOnlySpan<byte> Bytes => _bytes;

        /// <inheritdoc />
        public override string ToString() =>
            IsBinary ? $"[Entry: key={Key}, valueBytes={_bytes!.Length} bytes]" : $"[Entry: key={Key}, value={_value}]";

        internal bool Is(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        internal static bool IsName(string key) => !key.AsSpan().ContainsAnyExcept(NameCharacters);

        private static string Normalize(string key)
        {
            ArgumentNullException.ThrowIfNull(key);

            return IsName(key)
                ? key.ToLowerInvariant()
                : throw new ArgumentException("A name has ASCII letters, digits, dots, hyphens and underscores only.", nameof(key));
        }
    }
}
