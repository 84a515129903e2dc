using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.ServiceDefaults.Tests;

/// <summary>As a process that is stopped: connections are accepted and read, and nothing is ever said.</summary>
internal sealed class SilentServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private int _spokenTo;

    public SilentServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Connections on which something was sent.</summary>
    public int Connections => Volatile.Read(ref _spokenTo);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ListenAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ListenAsync(TcpClient client)
    {
        using (client)
        {
            var buffer = new byte[4096];
            var isFirst = true;
            try
            {
                while (await client.GetStream().ReadAsync(buffer, _end.Token) > 0)
                {
                    if (isFirst)
                    {
                        isFirst = false;
                        Interlocked.Increment(ref _spokenTo);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // the test ends, or the caller gave the connection up
            }
        }
    }
}
