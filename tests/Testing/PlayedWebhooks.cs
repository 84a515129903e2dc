using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Testing;

/// <summary>One call that the played webhook service took.</summary>
public sealed record RaisedCall(Caller Caller, IReadOnlyList<Event> Events);

/// <summary>The webhook service as the others see it: takes what they hand over, on a port of its own, or does what a test says.</summary>
public sealed class PlayedWebhooks : IAsyncDisposable
{
    private readonly ConcurrentQueue<RaisedCall> _calls = new();
    private WebApplication _app = null!;

    private PlayedWebhooks()
    {
    }

    public string Url => _app.Urls.Single();

    /// <summary>Every call that came, in their order, answered or not.</summary>
    public IReadOnlyList<RaisedCall> Calls => [.. _calls];

    /// <summary>What came, each event as often as it came.</summary>
    public IReadOnlyList<Event> Events => [.. _calls.SelectMany(call => call.Events)];

    /// <summary>What happens to a call after it was noted; one that ends is answered.</summary>
    public Func<RaisedCall, CancellationToken, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<PlayedWebhooks> StartAsync(TimeProvider? clock = null, int port = 0)
    {
        var played = new PlayedWebhooks();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("webhooks"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        // whose tickets it looks at has this clock
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.AddServiceDefaults();
        builder.AddGrpcServer("webhooks");
        builder.Services.AddSingleton(played);
        played._app = builder.Build();
        played._app.MapDefaultEndpoints();
        played._app.MapGrpcService<Script>();
        await played._app.StartAsync();
        return played;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    internal sealed class Script(PlayedWebhooks played) : Contracts.Webhooks.V1.Events.EventsBase
    {
        public override async Task<RaiseResponse> Raise(RaiseRequest request, ServerCallContext context)
        {
            var call = new RaisedCall(context.CallerWith(Role.Service), [.. request.Events]);
            played._calls.Enqueue(call);
            await played.Answer(call, context.CancellationToken);
            return new RaiseResponse();
        }
    }
}
