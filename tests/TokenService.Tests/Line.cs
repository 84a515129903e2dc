using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.TokenService.Tests;

/// <summary>A line to a server, which a test can cut and mend.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly IPEndPoint _far;
    private readonly IPEndPoint _near;
    private readonly ConcurrentBag<Task> _work = [];
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private CancellationTokenSource _cut = new();

    public Line(string address)
    {
        _far = IPEndPoint.Parse(address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        _listener.Start();
        _near = (IPEndPoint)_listener.LocalEndpoint;
        _work.Add(AcceptAsync(_listener, _cut.Token));
    }

    /// <summary>Host and port of this end.</summary>
    public string Address => _near.ToString();

    public void Cut()
    {
        _cut.Cancel();
        _listener.Dispose();
    }

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
                    near.GetStream().CopyToAsync(far.GetStream(), cut),
                    far.GetStream().CopyToAsync(near.GetStream(), cut));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // cut, or closed by one of the two ends
            }
        }
    }
}
