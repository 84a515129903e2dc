using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZohoPlatform.Testing;

/// <summary>Which way something passes.</summary>
public enum Way
{
    ToServer,
    ToClient,
}

/// <summary>A line to a server, which a test can cut and mend, and on which it can stop what is about to pass.</summary>
public sealed class Line : IAsyncDisposable
{
    private readonly IPEndPoint _far;
    private readonly IPEndPoint _near;
    private readonly ConcurrentBag<Task> _work = [];
    private TcpListener _listener;
    private CancellationTokenSource _cut = new();
    private volatile Stop? _stop;
    private long _toClient;

    /// <param name="address">Host and port of the server.</param>
    /// <param name="port">Of this end; any free one when 0.</param>
    public Line(string address, int port = 0)
    {
        _far = IPEndPoint.Parse(address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _near = (IPEndPoint)_listener.LocalEndpoint;
        _work.Add(AcceptAsync(_listener, _cut.Token));
    }

    /// <summary>Host and port of this end.</summary>
    public string Address => _near.ToString();

    public int Port => _near.Port;

    /// <summary>How many bytes the server has sent.</summary>
    public long ToClient => Interlocked.Read(ref _toClient);

    /// <summary>
    /// When <paramref name="text"/> passes for the <paramref name="time"/>th time from now on, its connection stands still that way until
    /// the line is cut. What it is part of does not arrive.
    /// </summary>
    /// <returns>Completes when it stands.</returns>
    public Task StopAt(Way way, string text, int time = 1)
    {
        var stop = new Stop(way, Encoding.UTF8.GetBytes(text), time);
        _stop = stop;
        return stop.Reached;
    }

    /// <summary>Ends what passes, and refuses what comes.</summary>
    public void Cut()
    {
        _cut.Cancel();
        _listener.Dispose();
    }

    /// <summary>Takes connections again.</summary>
    public void Mend()
    {
        _cut = new CancellationTokenSource();
        _listener = new TcpListener(_near);
        _listener.Start();
        _work.Add(AcceptAsync(_listener, _cut.Token));
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await Task.WhenAll(_work);
        _cut.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cut)
    {
        try
        {
            while (true)
            {
                _work.Add(ForwardAsync(await listener.AcceptTcpClientAsync(cut), cut));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // cut
        }
    }

    private async Task ForwardAsync(TcpClient near, CancellationToken cut)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                await far.ConnectAsync(_far, cut);
                await await Task.WhenAny(
                    PassAsync(near.GetStream(), far.GetStream(), Way.ToServer, cut),
                    PassAsync(far.GetStream(), near.GetStream(), Way.ToClient, cut));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // cut, or closed by one of the two ends
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, Way way, CancellationToken cut)
    {
        var buffer = new byte[64 * 1024];
        // the end of what has passed stays before what comes: the text may have begun in it
        var passed = 0;
        while (await from.ReadAsync(buffer.AsMemory(passed), cut) is var read and > 0)
        {
            if (way is Way.ToClient)
            {
                Interlocked.Add(ref _toClient, read);
            }

            var end = passed + read;
            var stop = _stop;
            if (stop is not null && stop.IsAt(way, buffer.AsSpan(0, end)))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cut);
            }

            await to.WriteAsync(buffer.AsMemory(passed, read), cut);
            passed = Math.Min(end, stop?.Overlap ?? 0);
            buffer.AsSpan(end - passed, passed).CopyTo(buffer);
        }
    }

    private sealed class Stop(Way way, byte[] text, int time)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _seen;

        public Task Reached => _reached.Task;

        public int Overlap => text.Length - 1;

        public bool IsAt(Way passing, ReadOnlySpan<byte> bytes)
        {
            for (var rest = bytes; passing == way && rest.IndexOf(text) is var at and >= 0; rest = rest[(at + text.Length)..])
            {
                if (Interlocked.Increment(ref _seen) == time)
                {
                    _reached.SetResult();
                    return true;
                }
            }

            return false;
        }
    }
}
