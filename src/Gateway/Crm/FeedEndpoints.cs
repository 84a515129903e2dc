using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Crm.V1;
using FeedsClient = ZohoPlatform.Contracts.Crm.V1.Feeds.FeedsClient;

namespace ZohoPlatform.Gateway.Crm;

internal static class FeedEndpoints
{
    private static readonly DateTimeOffset ExampleTime = new(2026, 11, 27, 9, 30, 0, TimeSpan.Zero);

    private static readonly Feed Example = new(
        "0193a2b4-3c4d-7e5f-8061-728394a5b6c7",
        "0193a2b4-8a11-7c32-8d90-5e6f70819203",
        "Leads",
        FeedState.Active,
        48_210,
        ["Last_Name", "Phone", "Mobile", "Email"],
        [],
        ["messages"])
    {
        KnownUntilAt = ExampleTime,
        ComparedAt = ExampleTime.AddHours(-7),
        NotifiedAt = ExampleTime.AddMinutes(-2),
        Progress = new FeedProgress(FeedRunKind.Check, ExampleTime, 12_000, 3, 0, 6, 400)
        {
            Expected = 48_210,
            EtaAt = ExampleTime.AddSeconds(91),
        },
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapFeeds()
        {
            var group = routes.MapGroup("/api/v1/crm/zoho/feeds").WithTags("Crm");

            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listFeeds",
                    "List what is followed in Zoho CRM",
                    "A feed is a module that a service of the platform wants; it is made by the service. Oldest first. Role needed: viewer.",
                    response: new FeedList([Example], null, 1));
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe("getFeed", "How a feed stands", "With what it does now and when that will be done. Role needed: viewer.", response: Example)
                .Fails(404);
            group.MapGet("/{id}/runs", ListRuns).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listFeedRuns",
                    "List what a feed has done",
                    "Newest first; a hundred of each kind are kept, and of the kind changes those that found something. Role needed: viewer.",
                    response: new FeedRunList(
                        [
                            new FeedRun(
                                "0193a2b4-4d5e-7f60-8172-8394a5b6c7d8", FeedRunKind.Changes, ExampleTime, ExampleTime.AddSeconds(2), 14, 14, 0, 2, 48_210),
                        ],
                        null,
                        1))
                .Fails(404);
            group.MapPost("/{id}/refresh", Refresh).RequireAuthorization(Policies.Operator)
                .Describe(
                    "refreshFeed",
                    "Have a feed look at once",
                    "For what was changed (changes), for all that differs (check), or for everything (full). Role needed: operator.",
                    new FeedRefresh { Kind = FeedRunKind.Check },
                    Example)
                .Fails(404, 409, 413, 415, 422);
            group.MapPost("/{id}/pause", Pause).RequireAuthorization(Policies.Operator)
                .Describe("pauseFeed", "Let a feed rest", "Until it is resumed; where it was it goes on. Role needed: operator.", response: Example with
                {
                    State = FeedState.Paused,
                    Progress = null,
                })
                .Fails(404, 409, 422);
            group.MapPost("/{id}/resume", Resume).RequireAuthorization(Policies.Operator)
                .Describe("resumeFeed", "Let a feed go on", "Role needed: operator.", response: Example)
                .Fails(404, 409, 422);
            group.MapPost("/{id}/confirm-deletions", ConfirmDeletions).RequireAuthorization(Policies.Admin)
                .Describe(
                    "confirmFeedDeletions",
                    "Say what becomes of records that vanished",
                    "More are gone from Zoho CRM than are deleted without a person's word. They are deleted here, too, or the feed rests until it is resumed. "
                        + "Role needed: admin.",
                    new DeletionsAnswer(Delete: true),
                    Example)
                .Fails(404, 409, 413, 415, 422);
        }
    }

    private static async Task<Results<Ok<FeedList>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        FeedsClient feeds)
    {
        var all = (await feeds.ListFeedsAsync(new(), call.Options)).Feeds;
        return BoundedPages.Of(all, pageSize, pageToken, feed => feed.Id).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new FeedList([.. page.Page.Select(feed => feed.ToApi())], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Ok<Feed>> Get(string id, ServiceCall call, FeedsClient feeds) =>
        TypedResults.Ok((await feeds.GetFeedAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Results<Ok<FeedRunList>, ProblemResult>> ListRuns(
        string id,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        FeedsClient feeds)
    {
        var all = (await feeds.ListFeedRunsAsync(new() { Id = id }, call.Options)).Runs;
        return BoundedPages.Of(all, pageSize, pageToken, run => run.Id).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new FeedRunList([.. page.Page.Select(run => run.ToApi())], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Results<Ok<Feed>, ProblemResult>> Refresh(string id, FeedRefresh body, ServiceCall call, FeedsClient feeds)
    {
        // one that nobody knows is not one that was not said
        if (body.Kind is FeedRunKind.Unknown)
        {
            return (ProblemResult)Failure.InvalidField("kind", "kind must be one of changes, check, full.");
        }

        var request = new Contract.RefreshFeedRequest { Id = id, Kind = (body.Kind ?? FeedRunKind.Changes).As<Contract.FeedRunKind>() };
        return TypedResults.Ok((await feeds.RefreshFeedAsync(request, call.Options)).ToApi());
    }

    private static async Task<Ok<Feed>> Pause(string id, ServiceCall call, FeedsClient feeds) =>
        TypedResults.Ok((await feeds.PauseFeedAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Feed>> Resume(string id, ServiceCall call, FeedsClient feeds) =>
        TypedResults.Ok((await feeds.ResumeFeedAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Feed>> ConfirmDeletions(string id, DeletionsAnswer body, ServiceCall call, FeedsClient feeds) =>
        TypedResults.Ok((await feeds.ConfirmDeletionsAsync(new() { Id = id, Delete = body.Delete }, call.Options)).ToApi());
}
