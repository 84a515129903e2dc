using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace Grpc.Wire;

/// <summary>The message encodings of both sides: <c>identity</c> and <c>gzip</c>.</summary>
internal static class Compression
{
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string Supported = "identity,gzip";

    public static bool IsGzip(string? encoding) => string.Equals(encoding, Gzip, StringComparison.Ordinal);

    public static bool IsSupported(string? encoding) => encoding is null or Identity or Gzip;

    public static void Compress(ReadOnlyMemory<byte> message, IBufferWriter<byte> output, CompressionLevel level)
    {
        using var gzip = new GZipStream(new WriterStream(output), level);
        gzip.Write(message.Span);
    }

    /// <summary>Unpacks a message; false once it turns out larger than the limit, whatever it would have come to.</summary>
    /// <exception cref="InvalidDataException">These bytes are not gzip.</exception>
    public static bool TryDecompress(in ReadOnlySequence<byte> message, PooledBuffer output, int? limit)
    {
        using var gzip = new GZipStream(PipeReader.Create(message).AsStream(), CompressionMode.Decompress);

        while (gzip.Read(output.GetSpan(4096)) is > 0 and var read)
        {
            output.Advance(read);

            if (output.Length > limit)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Lets GZipStream write where the frame is built.</summary>
    private sealed class WriterStream(IBufferWriter<byte> output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
