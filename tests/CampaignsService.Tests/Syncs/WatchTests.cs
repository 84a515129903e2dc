using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Streams of a sync that nobody works on, while the clock stands still.</summary>
public sealed class WatchTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Campaigns _campaigns = null!;
    private TenantId _tenant;
    private Syncing _syncing = null!;
    private Wire.Sync _sync = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, _clock, pushes: false);
        _tenant = (await _campaigns.TenantAsync()).Id;
        _syncing = new Syncing(_campaigns.Host, _tenant);
        _sync = await _syncing.CreateAsync(["ada@example.com"]);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_change_is_told_when_it_happens_whichever_replica_made_it()
    {
        using var stream = Open(_tenant, _sync.Id);
        Assert.Equal(SyncState.Queued, (await NextAsync(stream)).Sync.State);
        var next = NextAsync(stream);
        // between two looks there is a moment; far less than until one that nobody asks for
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);

        await new Syncing(await _campaigns.AddReplicaAsync(pushes: false), _tenant).PauseAsync(_sync);

        Assert.Equal(SyncState.Paused, (await next).Sync.State);
    }

    [Fact]
    public async Task A_stream_ends_with_the_ticket_that_opened_it_and_not_as_if_the_sync_had_ended()
    {
        using var stream = Open(_tenant, _sync.Id);
        await NextAsync(stream);
        var next = NextAsync(stream);

        _clock.Advance(Tickets.Life);

        Assert.Equal("ticket_expired", (await Refused.ByAsync(() => next)).Code);
    }

    [Fact]
    public async Task A_replica_that_stops_waits_for_no_watcher()
    {
        using var stream = Open(_tenant, _sync.Id);
        await NextAsync(stream);
        var next = NextAsync(stream);

        await _campaigns.StopAllAsync().WaitAsync(Eventually.Limit);

        await Assert.ThrowsAnyAsync<RpcException>(() => next);
    }

    [Fact]
    public async Task One_tenant_cannot_take_all_streams()
    {
        var streams = Enumerable.Range(0, 200).Select(_ => Open(_tenant, _sync.Id)).ToList();
        await Task.WhenAll(streams.Select(NextAsync));

        using (var oneMore = Open(_tenant, _sync.Id))
        {
            Assert.Equal("too_many_streams", (await Refused.ByAsync(() => NextAsync(oneMore))).Code);
        }

        var other = (await _campaigns.TenantAsync()).Id;
        using (var theirs = Open(other, (await new Syncing(_campaigns.Host, other).CreateAsync(["grace@example.com"])).Id))
        {
            await NextAsync(theirs);
        }

        streams.ForEach(stream => stream.Dispose());
        await Eventually.GetAsync(
            async () =>
            {
                using var again = Open(_tenant, _sync.Id);
                try
                {
                    await NextAsync(again);
                    return StatusCode.OK;
                }
                catch (RpcException e)
                {
                    return e.StatusCode;
                }
            },
            status => status is StatusCode.OK);
    }

    private AsyncServerStreamingCall<SyncEvent> Open(TenantId tenant, string id) =>
        _campaigns.Host.Syncs.WatchSync(new WatchSyncRequest { Id = id }, _campaigns.Host.TicketOf(tenant, Role.Viewer));

    private static async Task<SyncEvent> NextAsync(AsyncServerStreamingCall<SyncEvent> stream)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        Assert.True(await stream.ResponseStream.MoveNext(limit.Token));
        return stream.ResponseStream.Current;
    }
}
