using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.Grpc.Tests;

public enum Direction
{
    ToServer,
    ToClient,
}

/// <summary>Where in a frame the connection is cut.</summary>
public enum Place
{
    BeforeFrame,
    InHeader,
    InPayload,
}

/// <summary>
/// Carries one HTTP/2 connection and cuts it at one place in one frame (RFC 9113, section 4.1) of one direction. Whoever connects after
/// that is refused.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const int PrefaceSize = 24;
    private const int HeaderSize = 9;
    private const byte HeadersType = 1;
    private const byte EndStreamFlag = 1;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Direction _direction;
    private readonly Place _place;
    private readonly int _frame;
    private Task _run = Task.CompletedTask;
    private volatile bool _answered;

    private CuttingProxy(int port, Direction direction, Place place, int frame)
    {
        (_port, _direction, _place, _frame) = (port, direction, place, frame);
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
    }

    public Uri Address { get; }

    /// <summary>Whether the call's last frame got through before the cut.</summary>
    public bool Answered => _answered;

    public static CuttingProxy Start(int port, Direction direction, Place place, int frame)
    {
        var proxy = new CuttingProxy(port, direction, place, frame);
        proxy._run = proxy.RunAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _run.WaitAsync(Waiting.Limit);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _listener.Stop();
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
            var (fromClient, fromServer) = (client.GetStream(), server.GetStream());

            // either way ends with the cut or with a side that closed; then both sides are closed
            await await Task.WhenAny(
                CarryAsync(fromClient, fromServer, Direction.ToServer),
                CarryAsync(fromServer, fromClient, Direction.ToClient));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // a side has closed, or the test is done
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, Direction direction)
    {
        var cuts = direction == _direction;

        if (direction is Direction.ToServer)
        {
            await to.WriteAsync(await ReadAsync(from, PrefaceSize), _end.Token);
        }

        for (var frame = 0; ; frame++)
        {
            var header = await ReadAsync(from, HeaderSize);
            var payload = await ReadAsync(from, (BinaryPrimitives.ReadInt32BigEndian(header) >> 8) & 0xffffff);

            if (cuts && frame >= _frame && !(_place is Place.InPayload && payload.Length == 0))
            {
                byte[] part = _place switch
                {
                    Place.BeforeFrame => [],
                    Place.InHeader => header[..(HeaderSize / 2)],
                    _ => [.. header, .. payload[..(payload.Length / 2)]],
                };
                await to.WriteAsync(part, _end.Token);
                return;
            }

            if (direction is Direction.ToClient && header[3] == HeadersType && (header[4] & EndStreamFlag) != 0)
            {
                _answered = true;   // said first: the call may have ended before the write has
            }

            await to.WriteAsync((byte[])[.. header, .. payload], _end.Token);
        }
    }

    private async Task<byte[]> ReadAsync(NetworkStream from, int length)
    {
        var bytes = new byte[length];
        await from.ReadExactlyAsync(bytes, _end.Token);
        return bytes;
    }
}
