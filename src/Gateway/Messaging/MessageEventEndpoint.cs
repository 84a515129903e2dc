using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using Contract = ZohoPlatform.Contracts.Messaging.V1;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;
using MessagesClient = ZohoPlatform.Contracts.Messaging.V1.Messages.MessagesClient;

namespace ZohoPlatform.Gateway.Messaging;

/// <summary>New messages, and what changes in known ones, as server-sent events (WHATWG HTML, Server-sent events).</summary>
internal static class MessageEventEndpoint
{
    private const long FromNowOn = 0;
    private const long FromTheBeginning = -1;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMessageEvents() => routes.MapGet($"{MessageEndpoints.Prefix}/events", Watch).WithTags("Messaging")
            .RequireAuthorization(Policies.Viewer)
            .Describe(
                "watchMessages",
                "Watch messages",
                "Server-sent events: `event` is message, `id` its position, which grows, `data` the message in its last state as one "
                    + "JSON object on one "
                    + "line. One for each new message and each change, in the order of the changes. An `id` alone comes first: where the stream begins. The stream ends after five minutes "
                    + "and with its key; it goes "
                    + "on after the event that is sent as Last-Event-ID. A comment every 15 seconds keeps it open. Role needed: viewer.",
                response: MessageEndpoints.Example)
            .SendsEvents(typeof(ConversationMessage))
            .Fails(400, 404);
    }

    private static async Task<IResult> Watch(
        [FromQuery(Name = "conversation_id"), Description("Only those of this conversation.")] string? conversationId,
        [FromHeader(Name = ServerSentEvents.LastEventId), Description("The id of the last event that you have; 0: all that is kept; absent: only what is new from now on.")]
        string? lastEventId,
        HttpContext http,
        ServiceCall call,
        MessagesClient messages,
        IOptions<JsonOptions> json,
        TimeProvider clock)
    {
        var after = FromNowOn;
        if (lastEventId is not null && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return (ProblemResult)Failure.InvalidField(
                ServerSentEvents.LastEventId, $"{ServerSentEvents.LastEventId} must be the id of an event of this stream.");
        }

        var end = http.RequestAborted;
        using var watch = messages.WatchMessages(new() { ConversationId = conversationId ?? "", After = lastEventId is null ? FromNowOn : after == 0 ? FromTheBeginning : after }, call.WithoutEnd);
        http.Response.AnnounceEvents();
        try
        {
            await ServerSentEvents.WriteAsync(
                watch.ResponseStream, http.Response.Body, events => FramesOf(events, json.Value.SerializerOptions), clock, end);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && end.IsCancellationRequested)
        {
            // the reader left, goes on at another replica, or has no key any more
        }
        catch (RpcException e) when (http.Response.HasStarted && e.ToFailure() is not null)
        {
            // the reader connects again, and is told then what is wrong
        }

        return TypedResults.Empty;
    }

    // each has its own position, so that a reader who was cut off between two goes on with the second
    private static string FramesOf(Contract.MessageEvents events, JsonSerializerOptions json)
    {
        var frames = new StringBuilder();
        foreach (var message in events.Messages)
        {
            var data = JsonSerializer.Serialize(message.ToApi(), json);
            frames.Append(CultureInfo.InvariantCulture, $"id: {message.Position}\nevent: message\ndata: {data}\n\n");
        }

        // an id without data is no event: the reader keeps it and sends it when it comes again
        return frames.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"id: {events.Position}\n\n") : frames.ToString();
    }
}
