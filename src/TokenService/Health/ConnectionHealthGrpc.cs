using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Connections;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Health;

internal sealed class ConnectionHealthGrpc(
    HealthDirectory health, HealthFeed feed, IHostApplicationLifetime host, TimeProvider clock) : ConnectionHealth.ConnectionHealthBase
{
    private const int MostInOneMessage = 200;

    // what only time changes is seen then, such as a cool-down that ended, and what nobody could say because the line was down
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    // many changes at once are one look
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private static readonly Failure TooManyStreams = new(
        FailureKind.RateLimited,
        "too_many_streams",
        $"This tenant has {HealthFeed.MostWatchers} health streams open: close those that nobody reads.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };

    public override async Task<Wire.Health> GetHealth(GetHealthRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var found = await health.ReadAsync(caller, ConnectionIds.Parse(request.ConnectionId), context.CancellationToken);
        return found is [var one] ? one : throw ConnectionFailures.NotFound.ToRpcException();
    }

    public override async Task<ListHealthResponse> ListHealth(ListHealthRequest request, ServerCallContext context) => new()
    {
        Connections = { await health.ReadAsync(context.CallerWith(Role.Viewer), only: null, context.CancellationToken) },
    };

    public override async Task WatchHealth(
        WatchHealthRequest request, IServerStreamWriter<HealthChange> responseStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        using var watcher = feed.TryWatch(caller.Tenant) ?? throw TooManyStreams.ToRpcException();
        using var life = new StreamLife(context, host, clock);
        try
        {
            await WatchAsync(caller, watcher, responseStream, life.End);
        }
        catch (OperationCanceledException) when (life.IsOver)
        {
            // its time is over or this replica stops: the reader asks again
        }
    }

    private async Task WatchAsync(
        Caller caller, SignalFeed.Watcher watcher, IServerStreamWriter<HealthChange> stream, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, Wire.Health>(StringComparer.Ordinal);
        var isFirst = true;
        while (true)
        {
            var all = await health.ReadAsync(caller, only: null, cancellationToken);
            var changed = all.Where(one => !one.Equals(told.GetValueOrDefault(one.ConnectionId))).ToList();
            var removed = told.Keys.Except(all.Select(one => one.ConnectionId), StringComparer.Ordinal).ToList();
            foreach (var part in changed.Chunk(MostInOneMessage))
            {
                await stream.WriteAsync(new HealthChange { Changed = { part } }, cancellationToken);
            }

            if (removed.Count > 0 || (isFirst && changed.Count == 0))
            {
                await stream.WriteAsync(new HealthChange { RemovedConnectionIds = { removed } }, cancellationToken);
            }

            isFirst = false;
            told = all.ToDictionary(one => one.ConnectionId, StringComparer.Ordinal);
            await watcher.PauseAsync(BetweenLooks, clock, cancellationToken);
            await watcher.WaitAsync(LookAgainAfter, clock, cancellationToken);
        }
    }
}
