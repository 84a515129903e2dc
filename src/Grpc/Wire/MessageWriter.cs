using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Writes messages as Length-Prefixed-Message frames (gRPC over HTTP/2): a flag, four bytes of length, the message. A message whose
/// serializer says its length first goes straight to the target; any other, and every compressed one, is staged. One message at a time.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Write disposes what it staged.")]
internal sealed class MessageWriter(IBufferWriter<byte> target, int? limit) : SerializationContext
{
    public const int HeaderSize = 5;

    private PooledBuffer? _staged;
    private int? _length;
    private bool _compress;
    private bool _complete;

    /// <summary>How hard to compress.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Fastest;

    public void Write<T>(T message, Action<T, SerializationContext> serialize, bool compress)
    {
        (_staged, _length, _compress, _complete) = (null, null, compress, false);

        try
        {
            serialize(message, this);

            if (!_complete)
            {
                throw new InvalidOperationException("The serializer returned without completing the message.");
            }
        }
        finally
        {
            _staged?.Dispose();
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ThrowIfTooLarge(payloadLength);
        _length = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_staged is not null)
        {
            return _staged;
        }

        if (_length is { } length && !_compress)
        {
            WriteHeader(compressed: false, length);
            return target;
        }

        return _staged = new PooledBuffer();
    }

    public override void Complete(byte[] payload)
    {
        ThrowIfComplete();
        WriteFrame(payload);
    }

    public override void Complete()
    {
        ThrowIfComplete();

        if (_staged is not null)
        {
            WriteFrame(_staged.Written);
        }
    }

    private void WriteFrame(ReadOnlyMemory<byte> payload)
    {
        ThrowIfTooLarge(payload.Length);

        // of nothing GZipStream makes nothing, which is no gzip
        if (!_compress || payload.IsEmpty)
        {
            WriteHeader(compressed: false, payload.Length);
            target.Write(payload.Span);
            return;
        }

        using var packed = new PooledBuffer();
        Compression.Compress(payload, packed, Level);
        WriteHeader(compressed: true, packed.Length);
        target.Write(packed.Written.Span);
    }

    private void WriteHeader(bool compressed, int length)
    {
        var header = target.GetSpan(HeaderSize);
        header[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length);
        target.Advance(HeaderSize);
    }

    private void ThrowIfComplete()
    {
        if (_complete)
        {
            throw new InvalidOperationException("The message is complete.");
        }

        _complete = true;
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > limit)
        {
            throw new RpcException(
                new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }
    }
}
