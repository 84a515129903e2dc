using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.Gateway.Tests.Door;

/// <summary>A gateway with a gRPC port.</summary>
public sealed class DoorHost : IAsyncLifetime
{
    private readonly List<GrpcChannel> _channels = [];
    private int _port;

    internal GatewayHost Gateway { get; private set; } = null!;

    internal string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    public async Task InitializeAsync() => await StartAsync();

    internal async Task StartAsync(params (string Name, string? Value)[] settings)
    {
        _port = Ports.TakeFree();
        Gateway = await GatewayHost.StartAsync([("Gateway:GrpcPort", _port.ToString(CultureInfo.InvariantCulture)), .. settings]);
    }

    internal GrpcChannel Channel(HttpMessageHandler? handler = null, string? address = null)
    {
        var channel = GrpcChannel.ForAddress(
            address ?? Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = handler is not null });
        _channels.Add(channel);
        return channel;
    }

    internal Contracts.Tokens.V1.Connections.ConnectionsClient ConnectionsClient => new(Channel());

    internal static Metadata With(string key) => new() { { "authorization", $"Bearer {key}" } };

    public async Task DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await Gateway.DisposeAsync();
    }
}
