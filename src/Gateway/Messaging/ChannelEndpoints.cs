using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ChannelsClient = ZohoPlatform.Contracts.Messaging.V1.MessagingChannels.MessagingChannelsClient;

namespace ZohoPlatform.Gateway.Messaging;

internal static class ChannelEndpoints
{
    private const string Prefix = "/api/v1/messaging/channels";

    private static readonly DateTimeOffset ExampleTime = new(2026, 11, 27, 9, 30, 0, TimeSpan.Zero);

    private static readonly MessagingChannel Example = new(
        "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061",
        "Shop",
        "http://127.0.0.1:8080/webhooks/whatsapp/0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061",
        "••••ken1",
        ExampleTime,
        ExampleTime,
        "3f2a")
    {
        AppSecret = "••••cret",
        PhoneNumberId = "106540352242922",
        ReceivedAt = ExampleTime.AddHours(1),
        VerifiedAt = ExampleTime.AddMinutes(2),
    };

    private static readonly MessagingChannel ExampleMade = Example with
    {
        VerifyToken = "fake-verify-token1",
        ReceivedAt = null,
        VerifiedAt = null,
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapChannels()
        {
            var group = routes.MapGroup(Prefix).WithTags("Messaging").RequireAuthorization(Policies.Admin);

            group.MapGet("/", List)
                .Describe(
                    "listChannels",
                    "List the channels through which messages come in",
                    "Each is a WhatsApp app of Meta's Cloud API. Oldest first, secrets masked. Role needed: admin.",
                    response: new MessagingChannelList([Example], null, 1));
            group.MapPost("/", Create)
                .Describe(
                    "createChannel",
                    "Let messages of a WhatsApp app come in",
                    "Give webhook_url and verify_token to Meta (App dashboard, WhatsApp, Configuration) and subscribe to messages. The "
                        + "answer holds the verify "
                        + "token, this once. At most 50 of a tenant: one more is 429 channels_full. Role needed: admin.",
                    new NewMessagingChannel("Shop") { AppSecret = "fake-app-secret", PhoneNumberId = Example.PhoneNumberId },
                    ExampleMade)
                .Fails(409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapGet("/{id}", Get)
                .Describe("getChannel", "One of the channels", "Secrets masked; its ETag is its etag. Role needed: admin.", response: Example)
                .Fails(404);
            group.MapPatch("/{id}", Change)
                .Describe(
                    "changeChannel",
                    "Change a channel",
                    "What is absent stays and null clears; a mask sent back keeps its secret. With If-Match it is 412 where the channel "
                        + "was changed meanwhile. "
                        + "Role needed: admin.",
                    new MessagingChannelChange { AppSecret = "fake-app-secret-2" },
                    Example)
                .Fails(404, 409, 412, 413, 415);
            group.MapDelete("/{id}", Delete)
                .Describe("deleteChannel", "Delete a channel", "What comes to it from then on is refused; its messages stay. Role needed: admin.")
                .Fails(404);
            group.MapPost("/{id}/rotate", Rotate)
                .Describe(
                    "rotateChannel",
                    "Give a channel another verify token",
                    "The answer holds it, this once. Meta asks for it when the address is set, and not again: what comes goes on. Role "
                        + "needed: admin.",
                    response: ExampleMade)
                .Fails(404, 409, 422)
                .WithSecretAnswer();
        }
    }

    private static async Task<Results<Ok<MessagingChannelList>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        ChannelsClient channels,
        IOptions<GatewayOptions> gateway)
    {
        var all = (await channels.ListChannelsAsync(new(), call.Options)).Channels;
        return BoundedPages.Of(all, pageSize, pageToken, channel => channel.Id).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new MessagingChannelList([.. page.Page.Select(channel => channel.ToApi(gateway.Value))], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Created<MessagingChannel>> Create(
        NewMessagingChannel body, ServiceCall call, ChannelsClient channels, IOptions<GatewayOptions> gateway, HttpResponse http)
    {
        var made = (await channels.CreateChannelAsync(body.ToContract(), call.Options)).ToApi(gateway.Value);
        return TypedResults.Created($"{Prefix}/{made.Id}", WithEtag(made, http));
    }

    private static async Task<Ok<MessagingChannel>> Get(
        string id, ServiceCall call, ChannelsClient channels, IOptions<GatewayOptions> gateway, HttpResponse http) =>
        TypedResults.Ok(WithEtag((await channels.GetChannelAsync(new() { Id = id }, call.Options)).ToApi(gateway.Value), http));

    private static async Task<Results<Ok<MessagingChannel>, ProblemResult>> Change(
        string id,
        [FromHeader(Name = "If-Match"), Description("The etag that you have: the change is 412 where it is another one by now.")] string? ifMatch,
        MessagingChannelChange body,
        ServiceCall call,
        ChannelsClient channels,
        IOptions<GatewayOptions> gateway,
        HttpResponse http)
    {
        if (!TryReadEtag(ifMatch, out var etag))
        {
            return (ProblemResult)Failure.InvalidField("If-Match", "If-Match must be the channel's etag, in quotation marks or without.");
        }

        var changed = await channels.UpdateChannelAsync(body.ToContract(id, etag), call.Options);
        return TypedResults.Ok(WithEtag(changed.ToApi(gateway.Value), http));
    }

    private static async Task<NoContent> Delete(string id, ServiceCall call, ChannelsClient channels)
    {
        await channels.DeleteChannelAsync(new() { Id = id }, call.Options);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<MessagingChannel>> Rotate(
        string id, ServiceCall call, ChannelsClient channels, IOptions<GatewayOptions> gateway, HttpResponse http) =>
        TypedResults.Ok(WithEtag((await channels.RotateChannelAsync(new() { Id = id }, call.Options)).ToApi(gateway.Value), http));

    private static MessagingChannel WithEtag(MessagingChannel channel, HttpResponse http)
    {
        http.Headers.ETag = $"\"{channel.Etag}\"";
        return channel;
    }

    // as the header has it, in quotation marks, or as the field has it; * is any
    private static bool TryReadEtag(string? ifMatch, out string etag)
    {
        etag = "";
        if (ifMatch is null or "*")
        {
            return true;
        }

        etag = EntityTagHeaderValue.TryParse(ifMatch, out var tag) ? tag.Tag.ToString().Trim('"') : ifMatch;
        return tag is not { IsWeak: true } && etag.Length > 0 && etag.All(c => c is > ' ' and <= '~' and not '"');
    }
}
