using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>The inbox of CrmService as others see it, on a port of its own: tells what a test has told it, and then that all is known.</summary>
internal sealed class PlayedInbox : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _modules = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private CancellationTokenSource _cut = new();
    private WebApplication _app = null!;

    private PlayedInbox(TimeProvider clock) => _clock = clock;

    public string Url => _app.Urls.Single();

    /// <summary>Whether it says that all records were told once; while it is not, somebody may be in the CRM who was not told.</summary>
    public bool IsComplete { get; set; } = true;

    /// <summary>Modules that are subscribed to, each with its tenant.</summary>
    public IReadOnlyCollection<string> Subscribed => [.. _modules.Keys];

    public static async Task<PlayedInbox> StartAsync(TimeProvider clock)
    {
        var played = new PlayedInbox(clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("crm"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.AddGrpcServer("crm");
        builder.Services.AddSingleton(played);
        played._app = builder.Build();
        played._app.MapDefaultEndpoints();
        played._app.MapGrpcService<Script>();
        await played._app.StartAsync();
        return played;
    }

    /// <summary>Tells all who follow the module of the tenant that a record is so now.</summary>
    public void Tell(TenantId tenant, string module, string recordId, object content) => Add(tenant, module, new RecordChange
    {
        RecordId = recordId,
        ModifiedAt = _clock.GetUtcNow().ToTimestamp(),
        Content = JsonSerializer.Serialize(content),
    });

    /// <summary>Tells that a record is gone.</summary>
    public void TellGone(TenantId tenant, string module, string recordId) => Add(tenant, module, new RecordChange
    {
        RecordId = recordId,
        ModifiedAt = _clock.GetUtcNow().ToTimestamp(),
        Deleted = true,
    });

    /// <summary>Ends all streams, as those whose ticket has ended.</summary>
    public async Task CutAsync()
    {
        using var cut = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
        await cut.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _cut.Dispose();
    }

    private static string KeyOf(TenantId tenant, string module) => $"{tenant} {module}";

    private void Add(TenantId tenant, string module, RecordChange change) => Of(KeyOf(tenant, module)).Add(change);

    private Told Of(string key) => _told.GetOrAdd(key, static _ => new Told());

    private sealed class Told
    {
        private readonly Lock _adding = new();
        private readonly List<RecordChange> _changes = [];
        private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(RecordChange change)
        {
            lock (_adding)
            {
                _changes.Add(change);
                _added.TrySetResult();
                _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public (IReadOnlyList<RecordChange> Changes, Task More) Behind(long position)
        {
            lock (_adding)
            {
                return ([.. _changes.Skip((int)position)], _added.Task);
            }
        }
    }

    private sealed class Script(PlayedInbox inbox) : Inbox.InboxBase
    {
        public override Task<Subscription> Subscribe(SubscribeRequest request, ServerCallContext context)
        {
            var key = KeyOf(context.CallerWith(Role.Service).Tenant, request.Module);
            inbox._modules[key] = request.Module;
            return Task.FromResult(new Subscription { Id = key, ConnectionId = request.ConnectionId, Module = request.Module, Fields = { request.Fields } });
        }

        public override Task<UnsubscribeResponse> Unsubscribe(UnsubscribeRequest request, ServerCallContext context)
        {
            context.CallerWith(Role.Service);
            inbox._modules.TryRemove(request.SubscriptionId, out _);
            return Task.FromResult(new UnsubscribeResponse());
        }

        public override async Task Follow(FollowRequest request, IServerStreamWriter<ChangesPage> responseStream, ServerCallContext context)
        {
            context.CallerWith(Role.Service);
            var cut = inbox._cut.Token;
            for (var position = request.After; ;)
            {
                var (changes, more) = inbox.Of(request.SubscriptionId).Behind(position);
                position += changes.Count;
                await responseStream.WriteAsync(
                    new ChangesPage
                    {
                        Changes = { changes },
                        Position = position,
                        KnownUntil = inbox.IsComplete ? inbox._clock.GetUtcNow().ToTimestamp() : null,
                    },
                    context.CancellationToken);
                await Task.WhenAny(more, Task.Delay(Timeout.Infinite, cut)).WaitAsync(context.CancellationToken);
                if (cut.IsCancellationRequested)
                {
                    throw new RpcException(new Status(StatusCode.Unauthenticated, "The ticket has ended."));
                }
            }
        }
    }
}
