using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.ServiceDefaults.Grpc;
using HealthClient = ZohoPlatform.Contracts.Tokens.V1.ConnectionHealth.ConnectionHealthClient;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace ZohoPlatform.Gateway.Connections;

internal static class HealthEndpoints
{
    private static readonly ConnectionHealth Example = new(
        "0193a2b4-7a11-7c32-8d90-5e6f70819203",
        "zoho",
        "company",
        ConnectionState.Revoked,
        "grant_revoked",
        "The owner took the grant back: connect it again.",
        [],
        new RefreshBudget(2, 8),
        null,
        new DateTimeOffset(2026, 11, 21, 9, 25, 0, TimeSpan.Zero),
        null,
        [new ConnectionAlert(
            "grant_revoked", "The owner took the grant back: connect it again.", true, new DateTimeOffset(2026, 11, 21, 10, 20, 0, TimeSpan.Zero))]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapConnectionHealth()
        {
            var group = routes.MapGroup("/api/v1/connections").WithTags("Connections").RequireAuthorization(Policies.Viewer);

            group.MapGet("/health", List)
                .Describe("listConnectionHealth", "How all connections fare", "Without asking the provider. Role needed: viewer.", response: new ConnectionHealthList([Example]));
            group.MapGet("/{id}/health", Get)
                .Describe("getConnectionHealth", "How a connection fares", "Without asking the provider. Role needed: viewer.", response: Example)
                .Fails(404);
            group.MapGet("/events", Watch)
                .Describe(
                    "watchConnectionHealth",
                    "Watch how connections fare",
                    "Server-sent events: `health` with one connection's health as `data`, all of them first and then each that changes; `removed` "
                        + "with the connection_id of one that was deleted. A comment every 15 seconds keeps it open. It ends after five "
                        + "minutes, and with its key: connect again, as browsers do by themselves. Role needed: viewer.",
                    response: Example)
                .SendsEvents(typeof(ConnectionHealth), typeof(RemovedConnection));
        }
    }

    private static async Task<Ok<ConnectionHealthList>> List(ServiceCall call, HealthClient health)
    {
        var answer = await health.ListHealthAsync(new(), call.Options);
        return TypedResults.Ok(new ConnectionHealthList([.. answer.Connections.Select(connection => connection.ToApi())]));
    }

    private static async Task<Ok<ConnectionHealth>> Get(string id, ServiceCall call, HealthClient health) =>
        TypedResults.Ok((await health.GetHealthAsync(new() { ConnectionId = id }, call.Options)).ToApi());

    private static async Task<IResult> Watch(
        HttpContext http,
        ServiceCall call,
        HealthClient health,
        IOptions<JsonOptions> json,
        TimeProvider clock)
    {
        var end = http.RequestAborted;
        using var watch = health.WatchHealth(new(), call.WithoutEnd);
        http.Response.AnnounceEvents();
        try
        {
            await ServerSentEvents.WriteAsync(
                watch.ResponseStream, http.Response.Body, change => FramesOf(change, json.Value.SerializerOptions), clock, end);
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

    private static string FramesOf(Contracts.Tokens.V1.HealthChange change, JsonSerializerOptions json)
    {
        var frames = new StringBuilder();
        foreach (var health in change.Changed)
        {
            frames.Append("event: health\ndata: ").Append(JsonSerializer.Serialize(health.ToApi(), json)).Append("\n\n");
        }

        foreach (var id in change.RemovedConnectionIds)
        {
            frames.Append("event: removed\ndata: ").Append(JsonSerializer.Serialize(new RemovedConnection(id), json)).Append("\n\n");
        }

        // nothing to tell: it says that the stream is open
        return frames.Length == 0 ? ": no connections\n\n" : frames.ToString();
    }
}
