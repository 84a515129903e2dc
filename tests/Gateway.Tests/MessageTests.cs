using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Messaging.V1.StoredMessage.Types.Outcome;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Messages of conversations.</summary>
public sealed class MessageTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Messages = "/api/v1/messages";

    private static readonly Timestamp Then = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 27, 9, 30, 0, TimeSpan.Zero));

    private static readonly Message Bare = new()
    {
        Id = "m1",
        ExternalId = "wamid.1",
        ConversationId = "c1",
        Source = "bot",
        Direction = MessageDirection.Inbound,
        Type = "text",
        SentAt = Then,
        ReceivedAt = Then,
        SyncState = SyncState.Stored,
        Position = 7,
    };

    private const string BareJson =
        """
        {"id":"m1","external_id":"wamid.1","conversation_id":"c1","source":"bot","direction":"inbound","type":"text","sent_at":"2026-11-27T09:30:00Z",
        "received_at":"2026-11-27T09:30:00Z","sync_state":"stored","attempts":0,"position":7}
        """;

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task One_message_is_stored_a_known_one_acknowledged_and_a_wrong_one_refused_by_its_field()
    {
        var asked = new List<(SubmitMessagesRequest Request, Caller Caller)>();
        var answer = new StoredMessage { ExternalId = "wamid.1", Outcome = Outcome.Stored, Id = "m1", ConversationId = "c1" };
        _gateway.Services.Messaging.SubmitMessages = (request, caller) =>
        {
            asked.Add((request, caller));
            return new() { Messages = { answer } };
        };
        using var bot = await _gateway.CreateClientOfNewTenantAsync("operator");
        const string Body =
            """
            {"external_id":"wamid.1","direction":"campaign","phone":"020 7946 0000","user_id":"BR.7","name":"Ada","type":"image","text":"Hello","sent_at":
            "2026-11-27T10:30:00+01:00","status":"read","source":"bot","campaign":"Autumn","content":{"a" : "\u00e9"}}
            """;

        var stored = await bot.PostTextAsync(Messages, Body);
        answer = new() { ExternalId = "wamid.1", Outcome = Outcome.Duplicate, Id = "m1", ConversationId = "c1" };
        var known = await bot.PostTextAsync(Messages, """{"external_id":"wamid.1","direction":"inbound"}""");
        answer = new() { ExternalId = "wamid.1", Outcome = Outcome.Refused, Code = "invalid_field", Field = "phone", Message = "phone is no phone." };
        var refused = await bot.PostTextAsync(Messages, """{"external_id":"wamid.1","direction":"inbound"}""");

        Assert.Equal((HttpStatusCode.Created, $"{Messages}/m1"), (stored.Status, stored.Header("Location")));
        AssertJson("""{"external_id":"wamid.1","outcome":"stored","id":"m1","conversation_id":"c1"}""", stored);
        Assert.Equal(HttpStatusCode.OK, known.Status);
        AssertJson("""{"external_id":"wamid.1","outcome":"duplicate","id":"m1","conversation_id":"c1"}""", known);
        refused.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "phone");
        Assert.Equal(Role.Operator, asked[0].Caller.Role);
        Assert.Equal(
            new NewMessage
            {
                ExternalId = "wamid.1",
                Direction = MessageDirection.Campaign,
                Phone = "020 7946 0000",
                UserId = "BR.7",
                Name = "Ada",
                Type = "image",
                Text = "Hello",
                SentAt = Then,
                Status = DeliveryStatus.Read,
                Source = "bot",
                Campaign = "Autumn",
                Content = """{"a" : "\u00e9"}""",
            },
            Assert.Single(asked[0].Request.Messages));
        Assert.Equal(new NewMessage { ExternalId = "wamid.1", Direction = MessageDirection.Inbound }, Assert.Single(asked[1].Request.Messages));
    }

    [Fact]
    public async Task Several_are_answered_in_their_order_each_in_its_place()
    {
        _gateway.Services.Messaging.SubmitMessages = (request, _) => new()
        {
            Messages =
            {
                request.Messages.Select(message => message.Text == "wrong"
                    ? new StoredMessage { ExternalId = message.ExternalId, Outcome = Outcome.Refused, Code = "invalid_field", Field = "text", Message = "It is." }
                    : new StoredMessage { ExternalId = message.ExternalId, Outcome = Outcome.Stored, Id = "m", ConversationId = "c" }),
            },
        };
        using var bot = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await bot.PostTextAsync(
            Messages, """{"messages":[{"external_id":"1","direction":"inbound","text":"wrong"},{"external_id":"2","direction":"outbound"}]}""");

        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Header("Location")));
        AssertJson(
            """
            {"messages":[
                {"external_id":"1","outcome":"refused","code":"invalid_field","field":"text","message":"It is."},
                {"external_id":"2","outcome":"stored","id":"m","conversation_id":"c"}
            ]}
            """,
            answer);
    }

    [Fact]
    public async Task Five_megabytes_are_taken_in_calls_that_a_service_can_read_also_with_an_idempotency_key()
    {
        var calls = new List<int>();
        _gateway.Services.Messaging.SubmitMessages = (request, _) =>
        {
            calls.Add(request.Messages.Count);
            return new()
            {
                Messages = { request.Messages.Select(message => new StoredMessage { ExternalId = message.ExternalId, Outcome = Outcome.Stored, Id = message.ExternalId }) },
            };
        };
        using var bot = await _gateway.CreateClientOfNewTenantAsync("operator");
        var content = new { text = new string('x', 60_000) };
        object[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => new { external_id = $"{i}", direction = "inbound", content })];

        var taken = await bot.PostAsync(Messages, new { messages = Many(80) }, (IdempotentRequests.HeaderName, "many"));
        var again = await bot.PostAsync(Messages, new { messages = Many(80) }, (IdempotentRequests.HeaderName, "many"));

        Assert.Equal(HttpStatusCode.OK, taken.Status);
        Assert.Equal(
            Enumerable.Range(0, 80).Select(i => $"{i}"),
            taken.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("id").GetString()));
        Assert.Equal((taken.Text, "true"), (again.Text, again.Header(IdempotentRequests.ReplayedHeaderName)));
        Assert.Equal((2, 80), (calls.Count, calls.Sum()));
        var tooMuch = await bot.PostTextAsync(Messages, new string(' ', (5 * 1024 * 1024) + 1), ("Expect", "100-continue"));
        tooMuch.AssertProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        Assert.Contains("5242880", tooMuch.Text, StringComparison.Ordinal);
        (await bot.PostAsync(Messages, new { external_id = "1", direction = "inbound", text = new string('x', (1024 * 1024) + 1) }))
            .AssertProblem(HttpStatusCode.BadRequest, "message_too_large");
        (await bot.PostAsync(Messages, new { messages = Enumerable.Range(0, 501).Select(i => new { external_id = $"{i}", direction = "inbound" }) }))
            .AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "messages");
        Assert.Equal(2, calls.Count);
    }

    [Fact]
    public async Task What_is_no_message_is_told_by_its_field_whether_one_is_sent_or_several()
    {
        using var bot = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await bot.PostTextAsync(Messages, """{"direction":"inbound"}""")).AssertProblem(HttpStatusCode.BadRequest, "missing_field", "external_id");
        (await bot.PostTextAsync(Messages, """{"external_id":"1"}""")).AssertProblem(HttpStatusCode.BadRequest, "missing_field", "direction");
        (await bot.PostTextAsync(Messages, """{"messages":[{"external_id":"1"}]}"""))
            .AssertProblem(HttpStatusCode.BadRequest, "missing_field", "messages[0].direction");
        (await bot.PostTextAsync(Messages, """{"external_id":"1","direction":"inbound","fone":"1"}"""))
            .AssertProblem(HttpStatusCode.BadRequest, "unknown_field", "fone");
        (await bot.PostTextAsync(Messages, """{"external_id":"1","messages":[]}""")).AssertProblem(HttpStatusCode.BadRequest, "unknown_field", "external_id");
        (await bot.PostTextAsync(Messages, """{"external_id":""")).AssertProblem(HttpStatusCode.BadRequest, "malformed_json");
        (await bot.PostTextAsync(Messages, "[]")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field");
        var wrong = await bot.PostTextAsync(Messages, """{"external_id":"1","direction":"inbound","sent_at":"soon"}""");
        Assert.Contains("it must be a time such as", wrong.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_told_with_all_that_is_known_and_without_what_is_not()
    {
        ListMessagesRequest? asked = null;
        _gateway.Services.Messaging.ListMessages = (request, _) =>
        {
            asked = request;
            return new()
            {
                Messages =
                {
                    Bare,
                    new Message(Bare)
                    {
                        ChannelId = "ch1",
                        Direction = MessageDirection.Outbound,
                        Text = "Hello",
                        Campaign = "Autumn",
                        Status = DeliveryStatus.Failed,
                        StatusAt = Then,
                        ErrorCode = "131026",
                        ErrorMessage = "Undeliverable.",
                        SyncState = SyncState.Failed,
                        Code = "crm_refused",
                        Message_ = "Mend it.",
                        Attempts = 3,
                        NextAttemptAt = Then,
                        CrmModule = "Messages",
                        CrmRecordId = "77",
                        SyncedAt = Then,
                    },
                },
                NextPageToken = "next",
            };
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync(
            $"{Messages}?conversation_id=c1&sync_state=failed&query=hel&external_id=wamid.1&order_by=sent_at%20asc&page_size=2&page_token=this");

        Assert.Equal(
            new ListMessagesRequest
            {
                ConversationId = "c1",
                SyncState = SyncState.Failed,
                Query = "hel",
                ExternalId = "wamid.1",
                OrderBy = "sent_at asc",
                PageSize = 2,
                PageToken = "this",
            },
            asked);
        AssertJson(
            $$"""
            {
                "messages": [
                    {{BareJson}},
                    {
                        "id": "m1",
                        "external_id": "wamid.1",
                        "conversation_id": "c1",
                        "channel_id": "ch1",
                        "source": "bot",
                        "direction": "outbound",
                        "type": "text",
                        "text": "Hello",
                        "campaign": "Autumn",
                        "sent_at": "2026-11-27T09:30:00Z",
                        "received_at": "2026-11-27T09:30:00Z",
                        "status": "failed",
                        "status_at": "2026-11-27T09:30:00Z",
                        "error_code": "131026",
                        "error_message": "Undeliverable.",
                        "sync_state": "failed",
                        "code": "crm_refused",
                        "message": "Mend it.",
                        "attempts": 3,
                        "next_attempt_at": "2026-11-27T09:30:00Z",
                        "crm_module": "Messages",
                        "crm_record_id": "77",
                        "synced_at": "2026-11-27T09:30:00Z",
                        "position": 7
                    }
                ],
                "next_page_token": "next"
            }
            """,
            answer);
        (await viewer.GetAsync($"{Messages}?sync_state=lost")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "sync_state");
        (await viewer.GetAsync($"{Messages}?page_size=201")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "page_size");
    }

    [Fact]
    public async Task Each_act_reaches_the_service_as_it_was_asked()
    {
        var asked = new List<object>();
        _gateway.Services.Messaging.OneMessage = (request, _) =>
        {
            asked.Add(request);
            return Bare;
        };
        _gateway.Services.Messaging.RetryMessages = request =>
        {
            asked.Add(request);
            return new() { Retried = 1000, HasMore = true };
        };
        _gateway.Services.Messaging.DiscardMessages = request =>
        {
            asked.Add(request);
            return new() { Discarded = 3 };
        };
        using var people = await _gateway.CreateClientOfNewTenantAsync("operator");

        foreach (var answer in (Answer[])
            [await people.GetAsync($"{Messages}/m1"), await people.PostAsync($"{Messages}/m1/resend"), await people.PostAsync($"{Messages}/m1/discard")])
        {
            AssertJson(BareJson, answer);
        }

        AssertJson("""{"retried":1000,"has_more":true}""", await people.PostAsync($"{Messages}/retry", new { code = "crm_refused" }));
        AssertJson("""{"retried":1000,"has_more":true}""", await people.PostAsync($"{Messages}/retry"));
        AssertJson("""{"discarded":3,"has_more":false}""", await people.PostAsync($"{Messages}/discard", new { code = "crm_refused" }));
        AssertJson("""{"discarded":3,"has_more":false}""", await people.PostAsync($"{Messages}/discard"));

        Assert.Equal(
            [
                new GetMessageRequest { Id = "m1" },
                new ResendMessageRequest { Id = "m1" },
                new DiscardMessageRequest { Id = "m1" },
                new RetryMessagesRequest { Code = "crm_refused" },
                new RetryMessagesRequest(),
                new DiscardMessagesRequest { Code = "crm_refused" },
                new DiscardMessagesRequest(),
            ],
            asked);
    }

    [Fact]
    public async Task Acts_want_an_operator_and_what_the_service_refuses_is_said()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var people = await _gateway.CreateClientOfNewTenantAsync("operator");
        foreach (var act in (string[])["", "/m1/resend", "/m1/discard", "/retry", "/discard"])
        {
            (await viewer.PostTextAsync($"{Messages}{act}", "{}")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        }

        _gateway.Services.Messaging.OneMessage = (_, _) => throw new Failure(FailureKind.Precondition, "message_not_failed", "It did not fail.").ToRpcException();
        (await people.PostAsync($"{Messages}/m1/discard")).AssertProblem(HttpStatusCode.Conflict, "message_not_failed");
        _gateway.Services.Messaging.OneMessage = (_, _) => throw new Failure(FailureKind.NotFound, "message_not_found", "There is none.").ToRpcException();
        (await people.GetAsync($"{Messages}/m9")).AssertProblem(HttpStatusCode.NotFound, "message_not_found");
        _gateway.Services.Messaging.SubmitMessages = (_, _) => throw new Failure(FailureKind.RateLimited, "messages_waiting", "Too many wait.").ToRpcException();
        var full = await people.PostTextAsync(Messages, """{"external_id":"1","direction":"inbound"}""");
        full.AssertProblem(HttpStatusCode.TooManyRequests, "messages_waiting");
        Assert.NotNull(full.Header("Retry-After"));
        _gateway.Services.Messaging.SubmitMessages = (_, _) => throw new Failure(FailureKind.Forbidden, "key_bound_to_owner", "It is.").ToRpcException();
        (await people.PostTextAsync(Messages, """{"external_id":"1","direction":"inbound"}""")).AssertProblem(HttpStatusCode.Forbidden, "key_bound_to_owner");
    }

    [Fact]
    public async Task Events_are_told_one_by_one_and_a_reader_goes_on_after_the_last_that_it_has()
    {
        var asked = new List<WatchMessagesRequest>();
        _gateway.Services.Messaging.WatchMessages = async (request, events, _) =>
        {
            asked.Add(request);
            await events.WriteAsync(new() { Messages = { Bare, new Message(Bare) { Position = 8 } }, Position = 8 });
            await events.WriteAsync(new() { Position = 8 });
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync($"{Messages}/events?conversation_id=c1");
        await viewer.GetAsync($"{Messages}/events", ("Last-Event-ID", "7"));
        await viewer.GetAsync($"{Messages}/events", ("Last-Event-ID", "0"));

        var json = JsonNode.Parse(BareJson)!.ToJsonString();
        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        var frames = answer.Text.Split("\n\n");
        Assert.Equal(["id: 7\nevent: message", "id: 8\nevent: message"], frames[..2].Select(frame => frame[..frame.IndexOf("\ndata: ", StringComparison.Ordinal)]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(frames[0][(frames[0].IndexOf("\ndata: ", StringComparison.Ordinal) + 7)..])));
        Assert.Equal("id: 8", frames[2]);
        Assert.Equal([new WatchMessagesRequest { ConversationId = "c1" }, new WatchMessagesRequest { After = 7 }, new WatchMessagesRequest { After = -1 }], asked);
        foreach (var wrong in new[] { "", "-2", "last", "99999999999999999999" })
        {
            (await viewer.GetAsync($"{Messages}/events", ("Last-Event-ID", wrong))).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "Last-Event-ID");
        }

        _gateway.Services.Messaging.WatchMessages = (_, _, _) =>
            throw new Failure(FailureKind.NotFound, "conversation_not_found", "There is none.").ToRpcException();
        (await viewer.GetAsync($"{Messages}/events?conversation_id=c9")).AssertProblem(HttpStatusCode.NotFound, "conversation_not_found");
        var head = await viewer.SendAsync(HttpMethod.Head, $"{Messages}/events", content: null);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (head.Status, head.Header("Allow")));
    }

    [Fact]
    public async Task A_reader_who_leaves_ends_the_stream_behind_it_and_a_key_has_so_many()
    {
        await using var gateway = _gateway.Replica(("RateLimits:StreamsPerKey", "1"));
        var left = new TaskCompletionSource();
        _gateway.Services.Messaging.WatchMessages = async (_, events, context) =>
        {
            await events.WriteAsync(new() { Messages = { Bare }, Position = 7 });
            using var end = context.CancellationToken.Register(() => left.TrySetResult());
            await left.Task;
        };
        using var viewer = await gateway.CreateClientOfNewTenantAsync("viewer");

        using (var open = await viewer.Http.GetAsync($"{Messages}/events", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
            (await viewer.GetAsync($"{Messages}/events")).AssertProblem(HttpStatusCode.TooManyRequests, "too_many_streams");
        }

        await left.Task.WaitAsync(Eventually.Limit);
    }

    // whatever the order of its fields
    private static void AssertJson(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(answer.Text)), answer.Text);
}
