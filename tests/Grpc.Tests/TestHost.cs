using System.Net;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>A real Kestrel on loopback with the test service, and a channel to it. Everything it starts ends with it.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestHost(WebApplication app, Handlers handlers)
    {
        _app = app;
        Handlers = handlers;
        Address = new Uri(app.Urls.Single());
        Channel = GrpcChannel.ForAddress(Address);
        Client = new(Channel);
    }

    public Handlers Handlers { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Address { get; }

    public GrpcChannel Channel { get; }

    public TestService.TestServiceClient Client { get; }

    /// <summary>The test service, as every service is hosted.</summary>
    public static Task<TestHost> StartAsync(
        Action<GrpcServiceOptions>? grpc = null,
        Action<WebApplicationBuilder>? build = null,
        Action<ListenOptions>? listen = null,
        int port = 0) =>
        StartAsync(
            builder =>
            {
                builder.Services.AddGrpc(grpc ?? (_ => { }));
                build?.Invoke(builder);
            },
            app => app.MapGrpcService<TestServiceOverHandlers>(),
            listen,
            port);

    /// <summary>A server that answers every request with what the test wants, to see what the client makes of it.</summary>
    public static Task<TestHost> StartRawAsync(RequestDelegate answer) => StartAsync(_ => { }, app => app.Run(answer), null);

    public static async Task<TestHost> StartAsync(
        Action<WebApplicationBuilder> build, Action<WebApplication> map, Action<ListenOptions>? listen, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var handlers = new Handlers();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(handlers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            listen?.Invoke(endpoint);
        }));
        build(builder);

        var app = builder.Build();
        map(app);
        await app.StartAsync();

        return new TestHost(app, handlers);
    }

    /// <summary>Stops the server, as a host does that was told to end; what still runs at the limit is cut off.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        using var ended = new CancellationTokenSource(limit);
        await _app.StopAsync(ended.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }
}

internal static class Waiting
{
    /// <summary>No wait in these tests is longer; a call that hangs fails here.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);

    /// <summary>The error with which a call, a read or a write ends.</summary>
    public static Task<RpcException> FailsAsync(this Task task) => Assert.ThrowsAsync<RpcException>(task.Soon);
}

internal static class Clock
{
    /// <summary>A deadline; gRPC's are on the machine's own clock.</summary>
    public static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;
}
