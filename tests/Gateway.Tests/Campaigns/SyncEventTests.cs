using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Campaigns.Syncs;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests.Campaigns;

public sealed class SyncEventTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Events = "/api/v1/campaigns/syncs/s1/events";

    private static readonly SyncEvent Change = new()
    {
        Number = 12,
        Sync = SyncTests.Whole,
        Outcomes = { new SyncContact { Position = 7, Email = "ada@example.com", Outcome = SyncContactOutcome.Added } },
    };

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task Events_are_told_until_the_job_has_ended()
    {
        WatchSyncRequest? asked = null;
        _gateway.Services.Campaigns.WatchSync = async (request, events, _) =>
        {
            asked = request;
            await events.WriteAsync(Change);
            await events.WriteAsync(new() { Number = 13, Sync = SyncTests.Whole });
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync(Events);

        Assert.Equal(new WatchSyncRequest { Id = "s1", AfterEvent = -1 }, asked);
        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal(
            $$"""
            id: 12
            event: progress
            data: {"sync":{{SyncTests.WholeJson}},"outcomes":[{"position":7,"email":"ada@example.com","outcome":"added"}]}

            id: 13
            event: progress
            data: {"sync":{{SyncTests.WholeJson}},"outcomes":[]}


            """,
            answer.Text);
    }

    [Fact]
    public async Task A_reader_goes_on_after_the_last_event_that_it_has()
    {
        var asked = new List<long>();
        _gateway.Services.Campaigns.WatchSync = (request, _, _) =>
        {
            asked.Add(request.AfterEvent);
            return Task.CompletedTask;
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        await client.GetAsync(Events, ("Last-Event-ID", "12"));
        await client.GetAsync(Events, ("Last-Event-ID", "0"));
        foreach (var wrong in new[] { "", "-2", "last", "99999999999999999999" })
        {
            (await client.GetAsync(Events, ("Last-Event-ID", wrong))).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "Last-Event-ID");
        }

        Assert.Equal([12, 0], asked);
    }

    [Fact]
    public async Task An_event_arrives_when_it_happens_and_a_reader_that_leaves_ends_the_call()
    {
        var ended = new TaskCompletionSource();
        _gateway.Services.Campaigns.WatchSync = async (_, events, context) =>
        {
            await events.WriteAsync(Change);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
            }
            finally
            {
                ended.SetResult();
            }
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        using (var response = await client.Http.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead))
        using (var lines = new StreamReader(await response.Content.ReadAsStreamAsync()))
        {
            Assert.Equal("id: 12", await lines.ReadLineAsync().WaitAsync(Eventually.Limit));
            Assert.False(ended.Task.IsCompleted);
        }

        await ended.Task.WaitAsync(Eventually.Limit);
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sync_that_is_not_there_is_a_problem()
    {
        _gateway.Services.Campaigns.WatchSync = (_, _, _) =>
            throw new Failure(FailureKind.NotFound, "sync_not_found", "There is no such sync.").ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync(Events)).AssertProblem(HttpStatusCode.NotFound, "sync_not_found");
    }

    [Fact]
    public async Task A_stream_that_breaks_off_does_not_look_as_if_the_job_had_ended()
    {
        _gateway.Services.Campaigns.WatchSync = async (_, events, _) =>
        {
            await events.WriteAsync(Change);
            throw new Failure(FailureKind.Unavailable, "storage_unavailable", "The database is away.").ToRpcException();
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Events));
    }

    [Fact]
    public async Task A_replica_that_stops_sends_its_readers_to_another_one()
    {
        _gateway.Services.Campaigns.WatchSync = async (_, events, context) =>
        {
            await events.WriteAsync(Change);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        };
        var (_, key) = await _gateway.CreateTenantAsync("viewer");
        var replica = _gateway.Replica(("shutdownTimeoutSeconds", "600"));
        using var client = replica.CreateClient(key);
        using var response = await client.Http.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead);
        using var text = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("id: 12", await text.ReadLineAsync().WaitAsync(Eventually.Limit));

        // it would wait ten minutes for a request that does not end
        await replica.DisposeAsync().AsTask().WaitAsync(Eventually.Limit);

        await Assert.ThrowsAnyAsync<IOException>(() => text.ReadToEndAsync());
    }

    [Fact]
    public void A_stream_outlives_the_limit_of_other_requests()
    {
        var watch = Assert.Single(
            _gateway.Endpoints.OfType<RouteEndpoint>(), endpoint => endpoint.RoutePattern.RawText == "/api/v1/campaigns/syncs/{id}/events");

        Assert.NotNull(watch.Metadata.GetMetadata<DisableRequestTimeoutAttribute>());
    }

    [Fact]
    public async Task A_comment_every_15_seconds_keeps_a_silent_stream_open()
    {
        var clock = StandingClock.Create();
        var events = new ChannelReaderOfEvents();
        var pipe = new Pipe();
        var writing = SyncEventEndpoint.WriteAsync(events, pipe.Writer.AsStream(), JsonSerializerOptions.Web, clock, CancellationToken.None);

        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.False(pipe.Reader.TryRead(out _));
        for (var i = 0; i < 3; i++)
        {
            var read = pipe.Reader.ReadAsync();
            await Eventually.GetAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    return Task.FromResult(read.IsCompleted);
                },
                arrived => arrived);
            var result = await read;
            Assert.Equal(": still here\n\n", Encoding.UTF8.GetString(result.Buffer));
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }

        events.Channel.Writer.TryWrite(Change);
        var change = await pipe.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit);
        Assert.StartsWith("id: 12\nevent: progress\n", Encoding.UTF8.GetString(change.Buffer), StringComparison.Ordinal);
        events.Channel.Writer.Complete();
        await writing.WaitAsync(Eventually.Limit);
    }

    private sealed class ChannelReaderOfEvents : IAsyncStreamReader<SyncEvent>
    {
        public Channel<SyncEvent> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<SyncEvent>();

        public SyncEvent Current { get; private set; } = new();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await Channel.Reader.WaitToReadAsync(cancellationToken))
            {
                return false;
            }

            Current = await Channel.Reader.ReadAsync(cancellationToken);
            return true;
        }
    }
}
