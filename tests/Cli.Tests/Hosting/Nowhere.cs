using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.Cli.Tests.Hosting;

/// <summary>An address on loopback where nobody listens, and nobody else can begin to.</summary>
internal sealed class Nowhere : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Nowhere() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public Uri Url => new($"http://{_socket.LocalEndPoint}");

    public void Dispose() => _socket.Dispose();
}
