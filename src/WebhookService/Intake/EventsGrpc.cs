using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.WebhookService.Intake;

internal sealed class EventsGrpc(EventIntake intake) : Contracts.Webhooks.V1.Events.EventsBase
{
    private const int MostAtOnce = 100;
    private const int LongestType = 100;

    public override async Task<RaiseResponse> Raise(RaiseRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        if (request.Events.Count is 0 or > MostAtOnce)
        {
            throw Failure.InvalidField("events", $"events holds 1 to {MostAtOnce}.").ToRpcException();
        }

        var events = request.Events.Select(Read).ToList();
        // receivers believe what is signed: who takes one service over tells nothing in another's name
        if (events.Find(told => EventCatalogue.All.Any(type => type.Name == told.Type && $"service:{type.Service}" != caller.Subject)) is { } stranger)
        {
            throw new Failure(
                FailureKind.Forbidden, "event_of_another_service", $"{stranger.Type} is not an event of {caller.Subject}.").ToRpcException();
        }

        await intake.TakeAsync(caller, events, context.CancellationToken);
        return new RaiseResponse();
    }

    private static RaisedEvent Read(Event told, int place) => new(
        Guid.TryParseExact(told.Id, "D", out var id) ? id : throw Invalid(place, "id", "must be a uuid"),
        told.Type.Length is > 0 and <= LongestType ? told.Type : throw Invalid(place, "type", $"has 1 to {LongestType} characters"),
        told.OccurredAt.MomentOf($"events[{place}].occurred_at") ?? throw Invalid(place, "occurred_at", "must be given"),
        told.Subject.Length is > 0 and <= EventOutbox.LongestSubject
            ? told.Subject
            : throw Invalid(place, "subject", $"has 1 to {EventOutbox.LongestSubject} characters"),
        ReadData(told.Data) ?? throw Invalid(place, "data", $"must be a JSON object of at most {EventOutbox.MostData} bytes"));

    private static JsonObject? ReadData(string data)
    {
        try
        {
            return Encoding.UTF8.GetByteCount(data) <= EventOutbox.MostData ? JsonNode.Parse(data) as JsonObject : null;
        }
        catch (JsonException)
        {
            // said by the caller
            return null;
        }
    }

    private static RpcException Invalid(int place, string field, string rule) =>
        Failure.InvalidField($"events[{place}].{field}", $"events[{place}].{field} {rule}.").ToRpcException();
}
