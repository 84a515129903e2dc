using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>The channels through which messages come in.</summary>
public sealed class MessagingChannelTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Channels = "/api/v1/messaging/channels";

    private static readonly Timestamp Then = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 27, 9, 30, 0, TimeSpan.Zero));

    private static readonly Channel Bare = new() { Id = "ch1", Name = "Shop", VerifyToken = "••••ken1", CreatedAt = Then, UpdatedAt = Then, Etag = "e1" };

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task One_that_is_made_or_rotated_tells_its_verify_token_this_once()
    {
        var asked = new List<object>();
        _gateway.Services.Messaging.ChannelWithToken = (request, _) =>
        {
            asked.Add(request);
            return new() { Channel = Bare, VerifyToken = "fake-verify-token1" };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var made = await admin.PostAsync(
            Channels, new { name = "Shop", app_secret = "fake-app-secret", phone_number_id = "7" }, (IdempotentRequests.HeaderName, "one"));
        var again = await admin.PostAsync(
            Channels, new { name = "Shop", app_secret = "fake-app-secret", phone_number_id = "7" }, (IdempotentRequests.HeaderName, "one"));
        var rotated = await admin.PostAsync($"{Channels}/ch1/rotate");

        Assert.Equal((HttpStatusCode.Created, $"{Channels}/ch1"), (made.Status, made.Header("Location")));
        AssertJson(
            """
            {
                "id": "ch1",
                "name": "Shop",
                "webhook_url": "http://127.0.0.1:8080/webhooks/whatsapp/ch1",
                "verify_token": "fake-verify-token1",
                "created_at": "2026-11-27T09:30:00Z",
                "updated_at": "2026-11-27T09:30:00Z",
                "etag": "e1"
            }
            """,
            made);
        again.AssertProblem(HttpStatusCode.Conflict, "idempotency_key_used");
        Assert.Equal((HttpStatusCode.OK, made.Text), (rotated.Status, rotated.Text));
        Assert.Equal(
            [new CreateChannelRequest { Name = "Shop", AppSecret = "fake-app-secret", PhoneNumberId = "7" }, new RotateChannelRequest { Id = "ch1" }], asked);
        (await admin.PostTextAsync(Channels, "{}")).AssertProblem(HttpStatusCode.BadRequest, "missing_field", "name");
        _gateway.Services.Messaging.ChannelWithToken = (_, _) => throw new Failure(FailureKind.RateLimited, "channels_full", "There are 50.").ToRpcException();
        (await admin.PostAsync(Channels, new { name = "Shop" })).AssertProblem(HttpStatusCode.TooManyRequests, "channels_full");
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("fake-verify-token1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_are_listed_with_masks_and_one_has_its_etag()
    {
        var whole = new Channel(Bare) { Id = "ch2", AppSecret = "••••cret", PhoneNumberId = "7", ReceivedAt = Then, VerifiedAt = Then };
        _gateway.Services.Messaging.ListChannels = _ => new() { Channels = { Bare, whole } };
        _gateway.Services.Messaging.OneChannel = (_, _) => whole;
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var page = await admin.GetAsync($"{Channels}?page_size=1&page_token=ch1");
        var one = await admin.GetAsync($"{Channels}/ch2");

        const string Json =
            """
            {
                "id": "ch2",
                "name": "Shop",
                "webhook_url": "http://127.0.0.1:8080/webhooks/whatsapp/ch2",
                "app_secret": "••••cret",
                "verify_token": "••••ken1",
                "phone_number_id": "7",
                "created_at": "2026-11-27T09:30:00Z",
                "updated_at": "2026-11-27T09:30:00Z",
                "received_at": "2026-11-27T09:30:00Z",
                "verified_at": "2026-11-27T09:30:00Z",
                "etag": "e1"
            }
            """;
        AssertJson($$"""{"channels":[{{Json}}],"total":2}""", page);
        AssertJson(Json, one);
        Assert.Equal("\"e1\"", one.Header("ETag"));
        (await admin.GetAsync($"{Channels}?page_token=gone")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "page_token");
    }

    [Fact]
    public async Task A_change_leaves_what_is_absent_and_clears_what_is_null_and_fails_where_somebody_was_faster()
    {
        var asked = new List<object>();
        _gateway.Services.Messaging.OneChannel = (request, _) =>
        {
            asked.Add(request);
            return Bare;
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        Task<Answer> ChangeAsync(string body, params (string, string)[] headers) =>
            admin.SendAsync(HttpMethod.Patch, $"{Channels}/ch1", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), headers);

        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync("{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync("""{"name":"A","app_secret":null,"phone_number_id":null}""", ("If-Match", "\"e1\""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync("""{"app_secret":"••••cret"}""", ("If-Match", "e1"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync("{}", ("If-Match", "*"))).Status);

        Assert.Equal(
            [
                new UpdateChannelRequest { Id = "ch1" },
                new UpdateChannelRequest { Id = "ch1", Name = "A", AppSecret = "", PhoneNumberId = "", Etag = "e1" },
                new UpdateChannelRequest { Id = "ch1", AppSecret = "••••cret", Etag = "e1" },
                new UpdateChannelRequest { Id = "ch1" },
            ],
            asked);
        foreach (var wrong in (string[])["W/\"e1\"", "\"a\", \"b\"", "\"\""])
        {
            (await ChangeAsync("{}", ("If-Match", wrong))).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "If-Match");
        }

        _gateway.Services.Messaging.OneChannel = (_, _) => throw new Failure(FailureKind.Conflict, "etag_mismatch", "It was changed.").ToRpcException();
        (await ChangeAsync("{}", ("If-Match", "e0"))).AssertProblem(HttpStatusCode.PreconditionFailed, "etag_mismatch");
    }

    [Fact]
    public async Task One_is_deleted_once_and_all_of_it_is_an_admins()
    {
        var deleted = "";
        _gateway.Services.Messaging.DeleteChannel = (id, _) => deleted = id;
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var people = await _gateway.CreateClientOfNewTenantAsync("operator");

        var gone = await admin.DeleteAsync($"{Channels}/ch1");

        Assert.Equal((HttpStatusCode.NoContent, "ch1"), (gone.Status, deleted));
        _gateway.Services.Messaging.DeleteChannel = (_, _) => throw new Failure(FailureKind.NotFound, "channel_not_found", "There is none.").ToRpcException();
        (await admin.DeleteAsync($"{Channels}/ch1")).AssertProblem(HttpStatusCode.NotFound, "channel_not_found");
        (await people.GetAsync(Channels)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await people.GetAsync($"{Channels}/ch1")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await people.PostAsync(Channels, new { name = "x" })).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await people.PatchAsync($"{Channels}/ch1", new { name = "x" })).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await people.DeleteAsync($"{Channels}/ch1")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await people.PostAsync($"{Channels}/ch1/rotate")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        var options = await admin.SendAsync(HttpMethod.Options, $"{Channels}/ch1", content: null);
        Assert.Equal((HttpStatusCode.NoContent, "DELETE, GET, HEAD, OPTIONS, PATCH"), (options.Status, options.Header("Allow")));
    }

    // whatever the order of its fields
    private static void AssertJson(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(answer.Text)), answer.Text);
}
