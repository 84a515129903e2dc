using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Messaging.V1;
using MessagesClient = ZohoPlatform.Contracts.Messaging.V1.Messages.MessagesClient;

namespace ZohoPlatform.Gateway.Messaging;

internal static class MessageEndpoints
{
    public const string Prefix = "/api/v1/messages";
    public const int MaxPage = 200;

    private const int MaxMessages = 500;
    private const int MaxBodyBytes = 5 * 1024 * 1024;

    // a call may have 4 MiB: what is more goes in several, one after the other
    private const int MaxCallBytes = 3 * 1024 * 1024;
    private const int MaxMessageBytes = 1024 * 1024;

    // a full one is some thousand rows
    private static readonly TimeSpan SubmitLimit = TimeSpan.FromSeconds(30);

    private static readonly DateTimeOffset ExampleTime = new(2026, 11, 27, 9, 30, 0, TimeSpan.Zero);

    private static readonly NewMessage ExampleNew = new("wamid.fakeHBgLMTU1NTAxMDAxMDA=", MessageDirection.Inbound)
    {
        Phone = "+44 20 7946 0000",
        Name = "Ada Lovelace",
        Text = "Is the engine still for sale?",
        SentAt = ExampleTime,
        Source = "bot",
        Content = JsonElement.Parse("""{"thread":"7"}"""),
    };

    private static readonly StoredMessage ExampleStored = new(ExampleNew.ExternalId, MessageOutcome.Stored)
    {
        Id = "0193a2b4-3c4d-7e5f-8061-728394a5b6c7",
        ConversationId = "0193a2b4-8a11-7c32-8d90-5e6f70819203",
    };

    private static readonly ConversationMessage Failed = new(
        ExampleStored.Id!,
        ExampleNew.ExternalId,
        ExampleStored.ConversationId!,
        "bot",
        MessageDirection.Inbound,
        "text",
        ExampleTime,
        ExampleTime.AddSeconds(1),
        MessageSyncState.Failed,
        3,
        4711)
    {
        Text = ExampleNew.Text,
        Code = "invalid_value",
        Message = "Zoho CRM refuses the record: mend what it names and retry.",
    };

    public static readonly ConversationMessage Example = Failed with
    {
        SyncState = MessageSyncState.Synced,
        Attempts = 1,
        Code = null,
        Message = null,
        CrmModule = "Messages",
        CrmRecordId = "3652397000000000001",
        SyncedAt = ExampleTime.AddSeconds(3),
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMessages()
        {
            var group = routes.MapGroup(Prefix).WithTags("Messaging");

            group.MapPost("/", Submit).RequireAuthorization(Policies.Operator)
                .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
                .Produces<StoredMessage>(StatusCodes.Status200OK)
                .Produces<StoredMessage>(StatusCodes.Status201Created)
                .Describe(
                    "submitMessages",
                    "Record a message, or up to 500",
                    "Stored before it is answered, and synced to Zoho CRM afterwards; nothing is sent to the person. One message, or "
                        + "several under "
                        + "messages. A known external_id does nothing and is a duplicate. One message is 201, 200 where it is a "
                        + "duplicate, and 400 where it "
                        + "is refused; of several each is answered in its place, with 200, unless the body is no contract's: then none is stored. At most 5 MB. Role needed: operator.",
                    ExampleNew,
                    ExampleStored)
                .TakesOneOf(typeof(NewMessage), typeof(NewMessages))
                .AnswersOneOf(StatusCodes.Status200OK, typeof(StoredMessage), typeof(StoredMessages))
                .Fails(409, 413, 415, 422)
                .MayTake(SubmitLimit);
            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listMessages",
                    "List messages, newest first",
                    "Of all conversations, or those that the parameters name. Role needed: viewer.",
                    response: new MessagePage([Example], "eyJhZnRlciI6IjAxOTNhMmI0In0"))
                .Fails(404);
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe("getMessage", "How one message fares", "Role needed: viewer.", response: Failed)
                .Fails(404);
            group.MapPost("/{id}/resend", Resend).RequireAuthorization(Policies.Operator)
                .Describe(
                    "resendMessage",
                    "Have a message synced to Zoho CRM again",
                    "One that failed or was skipped, or that is there. Nothing is sent to the person. Role needed: operator.",
                    response: Failed with { SyncState = MessageSyncState.Stored, Code = null, Message = null })
                .Fails(404, 409, 422);
            group.MapPost("/{id}/discard", Discard).RequireAuthorization(Policies.Operator)
                .Describe(
                    "discardMessage",
                    "Give up a message that failed",
                    "It stays stored and is not synced. Role needed: operator.",
                    response: Failed with { SyncState = MessageSyncState.Skipped, Code = "discarded", Message = null })
                .Fails(404, 409, 422);
            group.MapPost("/retry", RetryAll).RequireAuthorization(Policies.Operator)
                .Describe(
                    "retryMessages",
                    "Have all messages that failed synced again",
                    "Or those of one code, also those that were skipped with it: crm_disabled, before_enabled, and no_phone where the phone is known now; and, a minute after they came there, kept_in_note. The oldest "
                        + "first, 1,000 by one call. Role needed: operator.",
                    new FailedMessages { Code = Failed.Code },
                    new RetriedMessages(12, false))
                .Fails(409, 413, 415, 422);
            group.MapPost("/discard", DiscardAll).RequireAuthorization(Policies.Operator)
                .Describe(
                    "discardMessages",
                    "Give up all messages that failed",
                    "Or those of one code; 1,000 by one call. They stay stored and are not synced. Role needed: operator.",
                    new FailedMessages { Code = Failed.Code },
                    new DiscardedMessages(12, false))
                .Fails(409, 413, 415, 422);
        }
    }

    private static async Task<IResult> Submit(MessageSubmission body, ServiceCall call, MessagesClient messages)
    {
        if (body.One is { } one)
        {
            if (!one.ToContract("").Succeeded(out var asked, out var failure))
            {
                return (ProblemResult)failure;
            }

            return await SubmitAsync([asked], call, messages) switch
            {
                { Failure: { } tooLarge } => (ProblemResult)tooLarge,
                { Stored: [{ Outcome: MessageOutcome.Refused } refused] } =>
                    new ProblemResult(
                        StatusCodes.Status400BadRequest, refused.Code ?? "message_refused", refused.Message ?? "The message is refused.")
                    {
                        Field = refused.Field,
                    },
                { Stored: [{ Outcome: MessageOutcome.Stored } stored] } => TypedResults.Created($"{Prefix}/{stored.Id}", stored),
                { Stored: [var known] } => TypedResults.Ok(known),
                _ => throw new InvalidOperationException("One message was submitted, and another number was answered."),
            };
        }

        if (body.Several?.Messages is not { Count: >= 1 and <= MaxMessages } several)
        {
            return (ProblemResult)Failure.InvalidField(
                "messages", $"messages must have 1 to {MaxMessages} messages: send more of them in several requests.");
        }

        var all = new List<Contract.NewMessage>(several.Count);
        foreach (var message in several)
        {
            if (!message.ToContract(PathOf(all.Count)).Succeeded(out var asked, out var failure))
            {
                return (ProblemResult)failure;
            }

            all.Add(asked);
        }

        var answer = await SubmitAsync(all, call, messages);
        return answer.Failure is { } refusal ? (ProblemResult)refusal : TypedResults.Ok(new StoredMessages(answer.Stored));
    }

    // one that ends half way is repeated by its sender: what was stored is a duplicate then
    private static async Task<(IReadOnlyList<StoredMessage> Stored, Failure? Failure)> SubmitAsync(
        List<Contract.NewMessage> all, ServiceCall call, MessagesClient messages)
    {
        var sizes = all.Select(message => message.CalculateSize()).ToList();
        if (sizes.FindIndex(size => size > MaxMessageBytes) is >= 0 and var tooLarge)
        {
            var which = all.Count == 1 ? "The message" : $"messages[{tooLarge.ToString(CultureInfo.InvariantCulture)}]";
            return ([], new Failure(
                FailureKind.Invalid, "message_too_large", $"{which} is larger than any may be: a text has 4,096 characters, content 64 KB."));
        }

        var stored = new List<StoredMessage>(all.Count);
        for (var first = 0; first < all.Count; first = stored.Count)
        {
            var request = new Contract.SubmitMessagesRequest();
            var bytes = 0;
            for (var i = first; i < all.Count && bytes + sizes[i] <= MaxCallBytes; i++)
            {
                request.Messages.Add(all[i]);
                bytes += sizes[i];
            }

            var answer = await messages.SubmitMessagesAsync(request, call.Within(SubmitLimit));
            if (answer.Messages.Count != request.Messages.Count)
            {
                throw new InvalidOperationException("Not every message that was submitted was answered.");
            }

            stored.AddRange(answer.Messages.Select(message => message.ToApi()));
        }

        return (stored, null);
    }

    private static string PathOf(int place) => $"messages[{place.ToString(CultureInfo.InvariantCulture)}].";

    private static Task<Results<Ok<MessagePage>, ProblemResult>> List(
        [FromQuery(Name = "conversation_id"), Description("Only those of this conversation.")] string? conversationId,
        [FromQuery(Name = "sync_state"), Description("Only those that are so far on their way to Zoho CRM.")] string? syncState,
        [Description("Only those whose text has it, in any case; 2 to 100 characters.")] string? query,
        [FromQuery(Name = "external_id"), Description("Only the one with this id of its sender.")] string? externalId,
        [FromQuery(Name = "order_by"), Description("sent_at desc, or sent_at asc; the first when absent.")] string? orderBy,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        MessagesClient messages) =>
        ListAsync(
            new()
            {
                ConversationId = conversationId ?? "",
                Query = query ?? "",
                ExternalId = externalId ?? "",
                OrderBy = orderBy ?? "",
                PageToken = pageToken ?? "",
            },
            syncState,
            pageSize,
            call,
            messages);

    /// <summary>A page of what <paramref name="request"/> asks for, with the two parameters that are no text.</summary>
    public static async Task<Results<Ok<MessagePage>, ProblemResult>> ListAsync(
        Contract.ListMessagesRequest request, string? syncState, string? pageSize, ServiceCall call, MessagesClient messages)
    {
        if (!QueryValues.OneOf<Contract.SyncState>("sync_state", syncState).Succeeded(out var state, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        (request.SyncState, request.PageSize) = (state, size);
        return TypedResults.Ok((await messages.ListMessagesAsync(request, call.Options)).ToApi());
    }

    private static async Task<Ok<ConversationMessage>> Get(string id, ServiceCall call, MessagesClient messages) =>
        TypedResults.Ok((await messages.GetMessageAsync(new() { Id = id }, call.Options)).ToApi());

    // a program that has lost the code it meant does not mean all
    private static readonly Failure CodeIsEmpty = Failure.InvalidField(
        "code", "code must be one that a message has as its code, such as invalid_value: leave it out where all are meant.");

    private static async Task<Ok<ConversationMessage>> Resend(string id, ServiceCall call, MessagesClient messages) =>
        TypedResults.Ok((await messages.ResendMessageAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<ConversationMessage>> Discard(string id, ServiceCall call, MessagesClient messages) =>
        TypedResults.Ok((await messages.DiscardMessageAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Results<Ok<RetriedMessages>, ProblemResult>> RetryAll(FailedMessages? body, ServiceCall call, MessagesClient messages)
    {
        if (body is { Code: "" })
        {
            return (ProblemResult)CodeIsEmpty;
        }

        var answer = await messages.RetryMessagesAsync(new() { Code = body?.Code ?? "" }, call.Options);
        return TypedResults.Ok(new RetriedMessages(answer.Retried, answer.HasMore));
    }

    private static async Task<Results<Ok<DiscardedMessages>, ProblemResult>> DiscardAll(FailedMessages? body, ServiceCall call, MessagesClient messages)
    {
        if (body is { Code: "" })
        {
            return (ProblemResult)CodeIsEmpty;
        }

        var answer = await messages.DiscardMessagesAsync(new() { Code = body?.Code ?? "" }, call.Options);
        return TypedResults.Ok(new DiscardedMessages(answer.Discarded, answer.HasMore));
    }
}
