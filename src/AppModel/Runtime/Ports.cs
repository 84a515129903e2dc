using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runtime;

/// <summary>Takes loopback ports for a launch and holds each until its process is about to listen on it.</summary>
internal sealed class Ports : IDisposable
{
    // below the range from which the kernel takes ports for outgoing connections (ip_local_port_range)
    private const int FirstFree = 15_000;
    private const int LastFree = 32_000;
    private const int Tries = 200;

    private readonly ConcurrentDictionary<int, Socket> _held = new();

    /// <exception cref="DistributedApplicationException">A fixed port is taken, or was asked for by several replicas.</exception>
    public void Allocate(IResource resource, EndpointAnnotation endpoint, int replicas)
    {
        if (endpoint.FixedPort is { } port)
        {
            if (replicas > 1)
            {
                throw new DistributedApplicationException(
                    $"'{resource.Name}' has {replicas} replicas and the fixed port {port} for '{endpoint.Name}'; replicas cannot share a port. Leave the port out, or run one replica.");
            }
            if (!TryHold(port, exclusive: false))
            {
                throw new DistributedApplicationException(
                    $"Port {port}, which '{resource.Name}' needs for '{endpoint.Name}', is taken by {ProcFs.ListenerOn(port) ?? "another process"}.");
            }
            endpoint.AllocatedPorts = [port];
            return;
        }
        endpoint.AllocatedPorts = [.. Enumerable.Range(0, replicas).Select(_ => TakeFree())];
    }

    /// <summary>Lets the process listen.</summary>
    public void Release(int port)
    {
        if (_held.TryRemove(port, out var socket))
        {
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var port in _held.Keys)
        {
            Release(port);
        }
    }

    private int TakeFree()
    {
        for (var i = 0; i < Tries; i++)
        {
            var port = Random.Shared.Next(FirstFree, LastFree);
            if (TryHold(port, exclusive: true))
            {
                return port;
            }
        }
        throw new DistributedApplicationException($"No free port between {FirstFree} and {LastFree} on loopback.");
    }

    /// <param name="port">The port.</param>
    /// <param name="exclusive">Refuse one that somebody else holds without listening yet, as another launch does.</param>
    private bool TryHold(int port, bool exclusive)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = exclusive };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            _held[port] = socket;
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            socket.Dispose();
            return false;
        }
    }
}
