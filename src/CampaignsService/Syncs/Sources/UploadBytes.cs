using System.Text;
using Google.Protobuf;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// The bytes of an uploaded file as they arrive. Checks on the way what must hold for all of it: the size, that it is UTF-8, and that no
/// line is longer than a row may be, so that whoever reads it needs no more memory than a row.
/// </summary>
/// <exception cref="SourceException">From reading: one of these does not hold.</exception>
internal sealed class UploadBytes(IAsyncEnumerable<ByteString> chunks, CancellationToken cancellationToken) : Stream
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const byte Quote = (byte)'"';

    private readonly IAsyncEnumerator<ByteString> _chunks = chunks.GetAsyncEnumerator(cancellationToken);
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetDecoder();
    private readonly char[] _decoded = new char[4096];
    private ReadOnlyMemory<byte> _unread;
    private long _bytes;
    private long _line = 1;
    private int _lineBytes;
    private byte _last;
    private int _peeked;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The next line, without taking it: it is read again. Line breaks inside quotes belong to it. Null at the end.</summary>
    public async Task<string?> PeekLineAsync()
    {
        var begun = new MemoryStream();
        var (quoted, from) = (false, 0);
        while (!_unread.IsEmpty || await NextAsync())
        {
            begun.Write(_unread.Span);
            var bytes = begun.GetBuffer().AsMemory(0, (int)begun.Length);
            for (var i = from; i < bytes.Length; i++)
            {
                quoted ^= bytes.Span[i] is Quote;
                if (bytes.Span[i] is LineFeed or CarriageReturn && !quoted)
                {
                    (_unread, _peeked) = (bytes, i);
                    return Encoding.UTF8.GetString(bytes.Span[..i]);
                }
            }

            if (bytes.Length > SourceLimits.RowBytes)
            {
                throw new SourceException(SourceFailures.RowTooLong(1));
            }

            (_unread, from) = (default, bytes.Length);
        }

        _unread = begun.ToArray();
        _peeked = _unread.Length;
        return _unread.IsEmpty ? null : Encoding.UTF8.GetString(_unread.Span);
    }

    /// <summary>Takes the line that was peeked, and its end.</summary>
    public async Task SkipLineAsync()
    {
        _unread = _unread[_peeked..];
        foreach (var end in new[] { CarriageReturn, LineFeed })
        {
            if ((!_unread.IsEmpty || await NextAsync()) && _unread.Span[0] == end)
            {
                _unread = _unread[1..];
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unread.IsEmpty && !await NextAsync())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bytes arrive asynchronously.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _chunks.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<bool> NextAsync()
    {
        while (await _chunks.MoveNextAsync())
        {
            if (_chunks.Current.Length > 0)
            {
                _unread = _chunks.Current.Memory;
                Check(_unread.Span, isEnd: false);
                return true;
            }
        }

        Check([], isEnd: true);
        return false;
    }

    private void Check(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        if (_bytes + bytes.Length > SourceLimits.Bytes)
        {
            throw new SourceException(SourceFailures.TooBig);
        }

        if (_bytes == 0 && ForeignFile.Of(bytes) is { } foreign)
        {
            throw new SourceException(SourceFailures.NotUtf8(1, 1, foreign));
        }

        try
        {
            var rest = bytes;
            bool completed;
            do
            {
                _decoder.Convert(rest, _decoded, isEnd, out var used, out _, out completed);
                rest = rest[used..];
            }
            while (!completed);
        }
        catch (DecoderFallbackException)
        {
            var valid = ValidPrefix(bytes);
            CountLines(bytes[..valid]);
            throw new SourceException(SourceFailures.NotUtf8(_line, _bytes + valid + 1, ForeignFile.OfText));
        }

        CountLines(bytes);
        _bytes += bytes.Length;
    }

    // a line ends with CR, LF or both
    private void CountLines(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var one = bytes[i];
            if (one is 0)
            {
                // in a line of names it is half of a character
                throw new SourceException(_line == 1
                    ? SourceFailures.NotUtf8(1, _bytes + i + 1, ForeignFile.OfHalf(_bytes + i))
                    : SourceFailures.Broken(_line, "a value holds a NUL character."));
            }

            (_line, _lineBytes) = one switch
            {
                LineFeed when _last is CarriageReturn => (_line, 0),
                LineFeed or CarriageReturn => (_line + 1, 0),
                _ => (_line, _lineBytes + 1),
            };
            _last = one;
            if (_lineBytes > SourceLimits.RowBytes)
            {
                throw new SourceException(SourceFailures.RowTooLong(_line));
            }
        }
    }

    // where the first character begins that is none; a character that began in the chunk before counts as beginning here
    private static int ValidPrefix(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && (bytes[at] & 0xC0) is 0x80 && at < 3)
        {
            at++;
        }

        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var length) is System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
