using System.Buffers.Binary;
using ZohoPlatform.Gateway.Access.RateLimits;

namespace ZohoPlatform.Gateway.Door;

/// <summary>
/// A stream of messages of which so many cost what a call costs, and wait where the caller has nothing left: they are slowed down by flow
/// control, and an upload is not lost. The first ones were paid with the call.
/// </summary>
internal sealed class PaidMessages(
    Stream messages, int messagesOfACall, Func<CancellationToken, Task<BucketAnswer>> payAsync, TimeProvider clock, CancellationToken ended)
    : Stream
{
    private const int PrefixLength = 5;     // a flag and the message's length

    private readonly byte[] _prefix = new byte[PrefixLength];
    private int _prefixRead;
    private long _messageLeft;
    private int _sincePaid;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // the call's own end too: some readers of messages name none
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ended);
        var read = await messages.ReadAsync(buffer, either.Token);
        for (var begun = CountBegun(buffer.Span[..read]); begun > 0; begun--)
        {
            if (_sincePaid < messagesOfACall)
            {
                _sincePaid++;
                continue;
            }

            while (await payAsync(either.Token) is { Allowed: false } spent)
            {
                await Task.Delay(spent.RetryAfter, clock, either.Token);
            }

            _sincePaid = 1;
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int CountBegun(ReadOnlySpan<byte> bytes)
    {
        var begun = 0;
        while (bytes.Length > 0)
        {
            if (_messageLeft > 0)
            {
                var skipped = (int)Math.Min(_messageLeft, bytes.Length);
                _messageLeft -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            _prefix[_prefixRead++] = bytes[0];
            bytes = bytes[1..];
            if (_prefixRead == PrefixLength)
            {
                _messageLeft = BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1));
                _prefixRead = 0;
                begun++;
            }
        }

        return begun;
    }
}
