using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

/// <summary>A gRPC server of the platform on a port of its own, whose methods do what the test says; all that ran is counted.</summary>
internal sealed class GrpcReplica : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>As <c>after_event</c>, has a stream go on after its first event until it is cut.</summary>
    public const long Endless = -2;

    private readonly ConcurrentQueue<string> _executions = new();
    private WebApplication? _app;

    /// <summary>What every method runs first; the method's name and its call.</summary>
    public Func<string, ServerCallContext, Task> Work { get; set; } = (_, _) => Task.CompletedTask;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public int Calls => _executions.Count;

    /// <summary>Lines that its hosts logged.</summary>
    public RecordedLog Log { get; } = new(LogLevel.Information);

    public Metadata Ticket { get; private set; } = [];

    public static async Task<GrpcReplica> StartAsync(params (string Name, string Value)[] settings)
    {
        var replica = new GrpcReplica();
        await replica.ListenAsync(settings);
        return replica;
    }

    /// <summary>Starts it, the second time where it was.</summary>
    public async Task ListenAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("campaigns"));
        builder.WebHost.UseUrls(Address.OriginalString)
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        foreach (var (name, value) in settings)
        {
            builder.Configuration[name] = value;
        }

        builder.AddServiceDefaults();
        builder.AddGrpcServer("campaigns");
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapDefaultEndpoints();
        _app.MapGrpcService<CountedSyncs>();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
        Ticket = TestTickets.For(new TenantId(Guid.NewGuid()), Role.Admin, "campaigns");
    }

    /// <summary>As a rollout does: it takes no more connections at once, and ends when its calls have.</summary>
    public Task StopAsync() => _app!.StopAsync();

    /// <summary>As a kill does: its calls are cut off.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    /// <summary>Cuts the connection of a call, with all calls that are on it.</summary>
    public static async Task CutAsync(ServerCallContext call)
    {
        call.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!.Abort();
        await Task.Delay(Timeout.Infinite, call.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>Counts from here on.</summary>
    public void Forget() => _executions.Clear();

    private async Task RunAsync(string method, ServerCallContext call)
    {
        _executions.Enqueue(method);
        await Work(method, call);
    }

    private sealed class CountedSyncs(GrpcReplica replica) : Syncs.SyncsBase
    {
        public override async Task<Sync> GetSync(GetSyncRequest request, ServerCallContext context)
        {
            await replica.RunAsync(nameof(GetSync), context);
            return new Sync { Id = request.Id };
        }

        public override async Task<Sync> CreateSync(CreateSyncRequest request, ServerCallContext context)
        {
            await replica.RunAsync(nameof(CreateSync), context);
            return new Sync();
        }

        public override async Task WatchSync(WatchSyncRequest request, IServerStreamWriter<SyncEvent> responseStream, ServerCallContext context)
        {
            await replica.RunAsync(nameof(WatchSync), context);
            await responseStream.WriteAsync(new SyncEvent());
            if (request.AfterEvent == Endless)
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
        }

        public override async Task<UploadedSource> UploadSource(IAsyncStreamReader<UploadSourceRequest> requestStream, ServerCallContext context)
        {
            await replica.RunAsync(nameof(UploadSource), context);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
            }

            return new UploadedSource();
        }
    }
}
