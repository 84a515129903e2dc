using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;
using SyncsClient = ZohoPlatform.Contracts.Campaigns.V1.Syncs.SyncsClient;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>A job's changes as server-sent events (WHATWG HTML, Server-sent events).</summary>
internal static class SyncEventEndpoint
{
    private const string LastEventIdIs =
        "The id of the last event that you have. 0: the last outcomes from before, too; absent: only those from now on.";

    private const long NothingFromBefore = -1;

    extension(RouteGroupBuilder syncs)
    {
        public void MapSyncEvents() => syncs.MapGet("/{id}/events", Watch).RequireAuthorization(Policies.Viewer)
            .Describe(
                "watchSync",
                "Watch a sync",
                "Server-sent events: `id` is a number that grows, `event` is progress, `data` is one JSON object on one line. The first "
                    + "event is the job now; the stream ends when the job has ended. One that breaks off before, as each does after five "
                    + "minutes, goes on after the event that is sent as Last-Event-ID. A comment every 15 seconds keeps it open; "
                    + "it breaks off with its key. Role needed: viewer.",
                response: new SyncEvent(SyncExamples.Running, [SyncExamples.Contact]))
            .SendsEvents(typeof(SyncEvent))
            .Fails(400, 404);
    }

    private static async Task<IResult> Watch(
        string id,
        [FromHeader(Name = ServerSentEvents.LastEventId), Description(LastEventIdIs)] string? lastEventId,
        HttpContext http,
        ServiceCall call,
        SyncsClient syncs,
        IOptions<JsonOptions> json,
        TimeProvider clock)
    {
        var after = NothingFromBefore;
        if (lastEventId is not null && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return (ProblemResult)Failure.InvalidField(ServerSentEvents.LastEventId, $"{ServerSentEvents.LastEventId} must be the id of an event of this sync.");
        }

        var end = http.RequestAborted;
        using var watch = syncs.WatchSync(new() { Id = id, AfterEvent = after }, call.WithoutEnd);
        http.Response.AnnounceEvents();
        try
        {
            await WriteAsync(watch.ResponseStream, http.Response.Body, json.Value.SerializerOptions, clock, end);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && end.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (RpcException e) when (http.Response.HasStarted && e.ToFailure() is not null)
        {
            // broken off, not ended: an end would say that the job has ended
            http.Abort();
        }

        return TypedResults.Empty;
    }

    internal static Task WriteAsync(
        IAsyncStreamReader<Contract.SyncEvent> events,
        Stream body,
        JsonSerializerOptions json,
        TimeProvider clock,
        CancellationToken cancellationToken) =>
        ServerSentEvents.WriteAsync(events, body, change => FrameOf(change, json), clock, cancellationToken);

    private static string FrameOf(Contract.SyncEvent change, JsonSerializerOptions json)
    {
        var data = JsonSerializer.Serialize(change.ToApi(), json);
        return string.Create(CultureInfo.InvariantCulture, $"id: {change.Number}\nevent: progress\ndata: {data}\n\n");
    }
}
