using System.Buffers.Binary;
using Google.Protobuf;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>The 100 bytes that are echoed.</summary>
internal static class Payload
{
    public static readonly EchoMessage Message = new() { Body = ByteString.CopyFrom([.. Enumerable.Range(0, 100).Select(i => (byte)i)]) };

    /// <summary>The message as gRPC frames it (gRPC over HTTP/2, Length-Prefixed-Message): what the bare server is sent.</summary>
    public static readonly byte[] Frame = FrameOf(Message.ToByteArray());

    private static byte[] FrameOf(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }
}
