using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ZohoPlatform.Bench.Grpc;

namespace ZohoPlatform.Bench;

/// <summary>
/// The server's side of <see cref="ServerProcess"/>: Kestrel with cleartext HTTP/2 on a free port of loopback. Writes the port as its first
/// line; answers each line that it reads with its <see cref="Usage"/>; ends with its input, so that it never outlives who started it.
/// </summary>
/// <remarks>Usage is asked over the pipe and not over HTTP: nothing but the contender stands in the request's way.</remarks>
internal static class ServerHost
{
    public static async Task RunAsync(string server)
    {
        // without any configuration: settings of whatever folder this is started in would change the endpoint
        var builder = WebApplication.CreateEmptyBuilder(new());

        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));

        await using var app = server switch
        {
            EchoServer.Name => EchoServer.Build(builder),
            BareServer.Name => BareServer.Build(builder),
            _ => throw new ArgumentException($"There is no server '{server}'.", nameof(server)),
        };

        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Port);

        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(JsonSerializer.Serialize(Usage.OfThisProcess()));
        }
    }
}
