using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>What is followed in Zoho CRM.</summary>
public sealed class FeedTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Feeds = "/api/v1/crm/zoho/feeds";

    private static readonly Timestamp Then = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 27, 9, 30, 0, TimeSpan.Zero));

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_feed_is_told_with_all_that_is_known_and_without_what_is_not()
    {
        _gateway.Services.Crm.ListFeeds = _ => new()
        {
            Feeds =
            {
                new Feed { Id = "f1", ConnectionId = "c1", Module = "Leads", State = Feed.Types.State.Active },
                new Feed
                {
                    Id = "f2",
                    ConnectionId = "c1",
                    Module = "Contacts",
                    State = Feed.Types.State.Asking,
                    Records = 900,
                    KnownUntil = Then,
                    ComparedAt = Then,
                    NotifiedAt = Then,
                    Code = "deletions_to_confirm",
                    Message = "Confirm it.",
                    FailedSince = Then,
                    Vanishing = 700,
                    Fields = { "Phone" },
                    MissingFields = { "Nick" },
                    Subscribers = { "messages" },
                    Progress = new FeedProgress
                    {
                        Kind = FeedRunKind.Check, StartedAt = Then, Read = 10, Written = 2, Deleted = 1, Calls = 3, Expected = 40, PerSecond = 2.5, EndsAt = Then,
                    },
                },
            },
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var first = await viewer.GetAsync($"{Feeds}?page_size=1");
        var second = await viewer.GetAsync($"{Feeds}?page_size=1&page_token={first.Json.GetProperty("next_page_token").GetString()}");

        AssertJson(
            """
            {
                "feeds": [
                    {"id":"f1","connection_id":"c1","module":"Leads","state":"active","records":0,"fields":[],"missing_fields":[],"subscribers":[]}
                ],
                "next_page_token": "f1",
                "total": 2
            }
            """,
            first);
        AssertJson(
            """
            {
                "feeds": [
                    {
                        "id": "f2",
                        "connection_id": "c1",
                        "module": "Contacts",
                        "state": "asking",
                        "records": 900,
                        "known_until_at": "2026-11-27T09:30:00Z",
                        "compared_at": "2026-11-27T09:30:00Z",
                        "notified_at": "2026-11-27T09:30:00Z",
                        "code": "deletions_to_confirm",
                        "message": "Confirm it.",
                        "failed_since_at": "2026-11-27T09:30:00Z",
                        "vanishing": 700,
                        "fields": ["Phone"],
                        "missing_fields": ["Nick"],
                        "subscribers": ["messages"],
                        "progress": {
                            "kind": "check",
                            "started_at": "2026-11-27T09:30:00Z",
                            "read": 10,
                            "written": 2,
                            "deleted": 1,
                            "calls": 3,
                            "per_second": 2.5,
                            "expected": 40,
                            "eta_at": "2026-11-27T09:30:00Z"
                        }
                    }
                ],
                "total": 2
            }
            """,
            second);
    }

    [Fact]
    public async Task What_a_feed_has_done_is_told_newest_first()
    {
        _gateway.Services.Crm.ListFeedRuns = id => new()
        {
            Runs =
            {
                new FeedRun
                {
                    Id = $"of-{id}", Kind = FeedRunKind.Full, StartedAt = Then, EndedAt = Then, Read = 5, Written = 4, Deleted = 3, Calls = 2, Records = 1,
                },
            },
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync($"{Feeds}/f1/runs");

        AssertJson(
            """
            {
                "runs": [
                    {
                        "id": "of-f1",
                        "kind": "full",
                        "started_at": "2026-11-27T09:30:00Z",
                        "ended_at": "2026-11-27T09:30:00Z",
                        "read": 5,
                        "written": 4,
                        "deleted": 3,
                        "calls": 2,
                        "records": 1
                    }
                ],
                "total": 1
            }
            """,
            answer);
    }

    [Fact]
    public async Task Each_act_reaches_the_service_as_it_was_asked_and_answers_the_feed()
    {
        var asked = new List<object>();
        _gateway.Services.Crm.OneFeed = (request, _) =>
        {
            asked.Add(request);
            return new() { Id = "f1", State = Feed.Types.State.Paused };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        Answer[] answers =
        [
            await admin.GetAsync($"{Feeds}/f1"),
            await admin.PostTextAsync($"{Feeds}/f1/refresh", "{}"),
            await admin.PostAsync($"{Feeds}/f1/refresh", new { kind = "full" }),
            await admin.PostAsync($"{Feeds}/f1/pause"),
            await admin.PostAsync($"{Feeds}/f1/resume"),
            await admin.PostAsync($"{Feeds}/f1/confirm-deletions", new { delete = true }),
            await admin.PostAsync($"{Feeds}/f1/confirm-deletions", new { delete = false }),
        ];

        Assert.All(answers, answer => Assert.Equal("paused", answer.Json.GetProperty("state").GetString()));
        Assert.Equal(
            [
                new GetFeedRequest { Id = "f1" },
                new RefreshFeedRequest { Id = "f1", Kind = FeedRunKind.Changes },
                new RefreshFeedRequest { Id = "f1", Kind = FeedRunKind.Full },
                new PauseFeedRequest { Id = "f1" },
                new ResumeFeedRequest { Id = "f1" },
                new ConfirmDeletionsRequest { Id = "f1", Delete = true },
                new ConfirmDeletionsRequest { Id = "f1" },
            ],
            asked);
        (await admin.PostTextAsync($"{Feeds}/f1/confirm-deletions", "{}")).AssertProblem(HttpStatusCode.BadRequest, "missing_field", "delete");
    }

    [Fact]
    public async Task Each_act_wants_its_role_and_what_the_service_refuses_is_said()
    {
        _gateway.Services.Crm.OneFeed = (_, _) => throw new Failure(FailureKind.Precondition, "nothing_to_confirm", "It asks nothing.").ToRpcException();
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        foreach (var act in (string[])["refresh", "pause", "resume", "confirm-deletions"])
        {
            (await viewer.PostTextAsync($"{Feeds}/f1/{act}", "{}")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        }

        var word = new { delete = true };
        (await operators.PostAsync($"{Feeds}/f1/confirm-deletions", word)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await operators.PostAsync($"{Feeds}/f1/pause")).AssertProblem(HttpStatusCode.Conflict, "nothing_to_confirm");
        (await admin.PostAsync($"{Feeds}/f1/confirm-deletions", word)).AssertProblem(HttpStatusCode.Conflict, "nothing_to_confirm");
    }

    // whatever the order of its fields
    private static void AssertJson(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(answer.Text)), answer.Text);
}
