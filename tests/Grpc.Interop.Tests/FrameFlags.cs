using System.Buffers.Binary;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>The compressed flag of every frame that passes by, in order: what the public API of neither side shows.</summary>
internal sealed class FrameFlags
{
    private readonly Lock _gate = new();
    private readonly List<bool> _compressed = [];
    private readonly byte[] _header = new byte[5];
    private int _headerLength;
    private uint _payloadLeft;

    public IReadOnlyList<bool> Compressed
    {
        get
        {
            lock (_gate)
            {
                return [.. _compressed];
            }
        }
    }

    public void See(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            while (!bytes.IsEmpty)
            {
                var payload = (int)Math.Min(_payloadLeft, (uint)bytes.Length);
                bytes = bytes[payload..];
                _payloadLeft -= (uint)payload;

                if (_payloadLeft > 0)
                {
                    return;
                }

                var header = Math.Min(_header.Length - _headerLength, bytes.Length);
                bytes[..header].CopyTo(_header.AsSpan(_headerLength));
                bytes = bytes[header..];
                _headerLength += header;

                if (_headerLength == _header.Length)
                {
                    _compressed.Add(_header[0] == 1);
                    _payloadLeft = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(1));
                    _headerLength = 0;
                }
            }
        }
    }
}

/// <summary>A body on its way, unchanged, with its frames seen.</summary>
internal sealed class WatchedStream(Stream inner, FrameFlags flags) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        flags.See(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        flags.See(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
