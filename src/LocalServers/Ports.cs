using System.Net;
using System.Net.Sockets;

namespace ZohoPlatform.LocalServers;

/// <summary>Ports of loopback.</summary>
public static class Ports
{
    // below the ports that the system gives to outgoing connections (Linux: from 32768), so that none of those takes one of ours between two starts
    private const int First = 15000;
    private const int Last = 32000;

    /// <summary>A port that nobody listens on, and that no outgoing connection is given.</summary>
    /// <exception cref="InvalidOperationException">None was found.</exception>
    public static int TakeFree()
    {
        for (var i = 0; i < 200; i++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port between {First} and {Last} on 127.0.0.1.");
    }

    /// <summary>Whether a server could listen on it.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
