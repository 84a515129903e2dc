using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Reads Length-Prefixed-Message frames (gRPC over HTTP/2) off a pipe, however they were split or joined on the way. What breaks the
/// framing is an <see cref="RpcException"/>; what breaks the connection is whatever the pipe throws. One read at a time.
/// </summary>
internal sealed class MessageReader<T>(PipeReader input, Func<DeserializationContext, T> deserialize, int? limit) : DeserializationContext
    where T : class
{
    private ReadOnlySequence<byte> _payload;

    /// <summary>The other side's <c>grpc-encoding</c>; null where it sent none.</summary>
    public string? Encoding { get; set; }

    /// <summary>Whether the stream has ended; nothing further arrives.</summary>
    public bool Ended { get; private set; }

    public override int PayloadLength => (int)_payload.Length;

    /// <summary>The next message; null at the end of the stream.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;

            if (TryTake(ref buffer, out var message))
            {
                input.AdvanceTo(buffer.Start);
                return message;
            }

            if (result.IsCompleted)
            {
                Ended = true;
                return buffer.IsEmpty ? null : throw Broken("Incomplete message.");
            }

            ThrowIfCanceled(result);
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>The one message of the stream; null where there is none, and an error where there is more than one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadSingleAsync(CancellationToken cancellationToken)
    {
        T? message = null;

        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;

            if (message is null)
            {
                TryTake(ref buffer, out message);
            }

            if (message is not null && !buffer.IsEmpty)
            {
                throw Broken("Additional data after the message received.");
            }

            if (result.IsCompleted)
            {
                Ended = true;
                return message is not null || buffer.IsEmpty ? message : throw Broken("Incomplete message.");
            }

            ThrowIfCanceled(result);
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Gives the pipe's buffers back; nothing is read after it.</summary>
    public void Complete() => input.Complete();

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    private bool TryTake(ref ReadOnlySequence<byte> buffer, out T? message)
    {
        message = null;

        if (buffer.Length < MessageWriter.HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[MessageWriter.HeaderSize];
        buffer.Slice(0, MessageWriter.HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);

        if (header[0] > 1)
        {
            throw Broken("Unexpected compressed flag value in message header.");
        }

        if (length > int.MaxValue || length > limit)
        {
            throw TooLarge();
        }

        if (buffer.Length < MessageWriter.HeaderSize + length)
        {
            return false;
        }

        message = Deserialize(buffer.Slice(MessageWriter.HeaderSize, length), compressed: header[0] == 1);
        buffer = buffer.Slice(MessageWriter.HeaderSize + length);
        return true;
    }

    private T Deserialize(in ReadOnlySequence<byte> payload, bool compressed)
    {
        if (!compressed)
        {
            return Deserialize(payload);
        }

        if (!Compression.IsGzip(Encoding))
        {
            throw Broken($"A compressed message came with grpc-encoding '{Encoding ?? "(none)"}'.");
        }

        if (payload.IsEmpty)
        {
            return Deserialize(payload);    // what GZipStream makes of a message without bytes, and others therefore send
        }

        using var unpacked = new PooledBuffer();

        try
        {
            if (!Compression.TryDecompress(payload, unpacked, limit))
            {
                throw TooLarge();
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The compressed message cannot be unpacked.", e));
        }

        return Deserialize(new ReadOnlySequence<byte>(unpacked.Written));
    }

    private T Deserialize(ReadOnlySequence<byte> payload)
    {
        _payload = payload;

        try
        {
            return deserialize(this);
        }
        catch (Exception e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The message cannot be deserialized.", e));
        }
        finally
        {
            _payload = default;
        }
    }

    /// <summary>A read that was cancelled in the pipe, not by the token: the other side or the host took the stream away.</summary>
    private static void ThrowIfCanceled(ReadResult result)
    {
        if (result.IsCanceled)
        {
            throw new OperationCanceledException("The stream was cancelled while a message was being read.");
        }
    }

    private static RpcException Broken(string detail) => new(new Status(StatusCode.Internal, detail));

    private static RpcException TooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));
}
