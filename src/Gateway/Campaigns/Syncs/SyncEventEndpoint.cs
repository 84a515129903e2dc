using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.ApiKeys;
using ZohoPlatform.Gateway.Docs;
using ZohoPlatform.Gateway.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;
using SyncsClient = ZohoPlatform.Contracts.Campaigns.V1.Syncs.SyncsClient;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>A job's changes as server-sent events (WHATWG HTML, Server-sent events).</summary>
internal static class SyncEventEndpoint
{
    public const string LastEventId = "Last-Event-ID";

    /// <summary>Proxies close connections on which nothing was said for a minute, some for half of one.</summary>
    public static readonly TimeSpan KeepAliveEvery = TimeSpan.FromSeconds(15);

    private const long NothingFromBefore = -1;
    private const string ContentType = "text/event-stream";

    extension(RouteGroupBuilder syncs)
    {
        public void MapSyncEvents() => syncs.MapGet("/{id}/events", Watch).RequireAuthorization(Policies.Viewer)
            .Describe(
                "Watch a sync",
                "Server-sent events: `id` is a number that grows, `event` is progress, `data` is one JSON object on one line. The first "
                    + "event is the job now; the stream ends when the job has ended. One that breaks off before goes on after the event that "
                    + "is sent as Last-Event-ID. A comment every 15 seconds keeps it open. "
                    + "Role needed: viewer.",
                response: new SyncEventBody(SyncExamples.Running, [SyncExamples.Contact]))
            .Produces<SyncEventBody>(StatusCodes.Status200OK, ContentType)
            .Fails(400, 404)
            .DisableRequestTimeout();
    }

    private static async Task<IResult> Watch(
        string id,
        [FromHeader(Name = LastEventId), Description("The id of the last event that you have. 0: the last outcomes from before, too; absent: only those from now on.")] string? lastEventId,
        HttpContext http,
        ServiceCall call,
        SyncsClient syncs,
        IOptions<JsonOptions> json,
        TimeProvider clock,
        IHostApplicationLifetime host)
    {
        var after = NothingFromBefore;
        if (lastEventId is not null && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return (ProblemResult)Failure.InvalidField(LastEventId, $"{LastEventId} must be the id of an event of this sync.");
        }

        // a replica that stops does not wait for the readers of a job of hours: they go on at another one
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, host.ApplicationStopping);
        using var watch = syncs.WatchSync(new() { Id = id, AfterEvent = after }, call.WithoutEnd);
        http.Response.ContentType = ContentType;
        // nginx holds answers back otherwise
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await WriteAsync(watch.ResponseStream, http.Response.Body, json.Value.SerializerOptions, clock, end.Token);
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

    /// <summary>Writes events as they come, until there are no more; what <paramref name="events"/> throws goes to the caller.</summary>
    internal static async Task WriteAsync(
        IAsyncStreamReader<SyncEvent> events, Stream body, JsonSerializerOptions json, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = events.MoveNext(cancellationToken);
            while (!await ArrivesInTimeAsync(next, clock, cancellationToken))
            {
                await SendAsync(": still here\n\n");
            }

            if (!await next)
            {
                return;
            }

            var change = events.Current;
            var data = JsonSerializer.Serialize(SyncEventBody.Of(change), json);
            await SendAsync(string.Create(CultureInfo.InvariantCulture, $"id: {change.Number}\nevent: progress\ndata: {data}\n\n"));
        }

        async Task SendAsync(string text)
        {
            await body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await body.FlushAsync(cancellationToken);
        }
    }

    private static async Task<bool> ArrivesInTimeAsync(Task next, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(KeepAliveEvery, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
