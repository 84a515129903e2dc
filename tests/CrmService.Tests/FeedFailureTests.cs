using Grpc.Core;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>What stands in a feed's way is said, once, and goes by itself where it can.</summary>
public sealed class FeedFailureTests(Crm crm) : IClassFixture<Crm>, IAsyncLifetime
{
    private const string Leads = "Leads";

    private static readonly string[] Fields = ["Last_Name", "Phone"];

    private CrmWorld _world = null!;

    public async Task InitializeAsync() => _world = await CrmWorld.StartAsync(crm);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Without_a_connection_it_waits_and_is_read_as_soon_as_there_is_one()
    {
        await crm.GenerateAsync(Leads, 20);
        var tenant = await _world.TenantAsync();
        _world.Tokens.Disconnect(tenant.Id);

        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var waits = await FailedAsync(tenant, subscription, "not_connected");
        Assert.Contains("connect it first", waits.Message, StringComparison.Ordinal);
        var told = await Eventually.GetAsync(() => Task.FromResult(_world.Webhooks.Events), events => events.Count > 0);
        Assert.Equal(("crm.feed.failed", $"feed:{subscription.FeedId}"), (told[0].Type, told[0].Subject));

        await _world.Tokens.ConnectAsync(tenant.Id, "us", Crm.Scopes);
        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        var rested = await tenant.RestedAsync(subscription.FeedId);
        Assert.Equal((20, ""), (rested.Records, rested.Code));
        Assert.Single(_world.Webhooks.Events);
    }

    [Fact]
    public async Task What_Zoho_refuses_for_good_is_a_sentence_that_says_what_to_do()
    {
        var tenant = await _world.TenantAsync();
        var none = await tenant.SubscribeAsync("Nonsense", Fields);
        Assert.Contains("no such module", (await FailedAsync(tenant, none, "module_not_available")).Message, StringComparison.Ordinal);

        var narrow = await _world.TenantAsync("eu", ["ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL"]);
        var subscription = await narrow.SubscribeAsync(Leads, Fields);
        Assert.Contains("ZohoCRM.coql.READ", (await FailedAsync(narrow, subscription, "scopes_missing")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", 401, """{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}""")]
    [InlineData("status", 429, """{"code":"TOO_MANY_REQUESTS","details":{},"message":"Too many requests fired in concurrency","status":"error"}""")]
    [InlineData("status", 500, """{"code":"INTERNAL_ERROR","details":{},"message":"internal error","status":"error"}""")]
    [InlineData("html502", null, null)]
    [InlineData("malformed_json", null, null)]
    [InlineData("reset", null, null)]
    [InlineData("answer_lost", null, null)]
    public async Task What_passes_by_itself_is_got_over(string kind, int? status, string? body)
    {
        await crm.GenerateAsync(Leads, 20);
        var tenant = await _world.TenantAsync();
        await crm.DisturbAsync(new { kind, path = "/crm/v8/coql", times = 3, status, body });

        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var feed = await Eventually.GetAsync(
            async () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(5));
                return await tenant.FeedAsync(subscription.FeedId);
            },
            now => now.KnownUntil is not null && now.Progress is null);

        Assert.Equal((20, ""), (feed.Records, feed.Code));
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);
    }

    [Fact]
    public async Task One_organisation_that_does_not_answer_holds_no_other()
    {
        await crm.GenerateAsync(Leads, 300);
        await crm.DisturbAsync(new { kind = "hang", host = "www.zohoapis.eu", path = "/crm/*" });
        var (slow, quick) = (await _world.TenantAsync("eu"), await _world.TenantAsync());
        foreach (var module in (string[])["Leads", "Contacts", "Accounts", "Deals", "Tasks", "Calls"])
        {
            await slow.SubscribeAsync(module, ["Owner"]);
        }

        var subscription = await quick.SubscribeAsync(Leads, Fields);
        await quick.RestedAsync(subscription.FeedId);
        await crm.DoAsync(Leads, "edited", 20);

        Assert.Equal(300, (await quick.RefreshAsync(subscription.FeedId)).Records);
    }

    [Fact]
    public async Task More_deletions_than_are_believed_wait_for_a_persons_word()
    {
        await crm.GenerateAsync(Leads, 400);
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        await tenant.RestedAsync(subscription.FeedId);
        var none = await Assert.ThrowsAsync<RpcException>(() => ConfirmAsync(tenant, subscription, delete: true));
        Assert.Equal("nothing_to_confirm", none.Trailers.GetValue(GrpcFailures.CodeTrailer));

        await crm.DoAsync(Leads, "deleted", 120);
        await RefreshAsync(tenant, subscription);
        var asks = await Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), feed => feed.State is Feed.Types.State.Asking);
        Assert.Equal((120, 400, "deletions_to_confirm"), (asks.Vanishing, asks.Records, asks.Code));

        await ConfirmAsync(tenant, subscription, delete: true);
        Assert.Equal(280, (await Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), feed => feed is { Records: 280, Code: "" })).Records);
        var audit = await _world.Host.Audit.ListEntriesAsync(new() { PageSize = 50 }, _world.Host.TicketOf(tenant.Id, Role.Admin));
        Assert.Contains("feed.deletions_confirmed", audit.Entries.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_feed_rests_while_a_person_wants_it_to()
    {
        await crm.GenerateAsync(Leads, 10);
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        await tenant.RestedAsync(subscription.FeedId);
        var other = await tenant.SubscribeAsync("Contacts", ["Last_Name"]);
        await tenant.RestedAsync(other.FeedId);
        var paused = await _world.Host.Feeds.PauseFeedAsync(new() { Id = subscription.FeedId }, _world.Host.TicketOf(tenant.Id, Role.Operator));
        Assert.Equal(Feed.Types.State.Paused, paused.State);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await _world.Host.Feeds.PauseFeedAsync(new() { Id = subscription.FeedId }, _world.Host.TicketOf(tenant.Id, Role.Viewer)));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);

        await crm.DoAsync(Leads, "edited", 4);
        // the other feed is looked at twice: behind the moment at which this one would have been
        await tenant.PolledAsync(other.FeedId);
        await tenant.PolledAsync(other.FeedId);
        Assert.Equal(paused.UpdatedAt, (await tenant.FeedAsync(subscription.FeedId)).UpdatedAt);
        Assert.Equal(10L, await _world.SqlAsync($"SELECT max(position) FROM feed_records WHERE feed_id = '{subscription.FeedId}'"));

        await _world.Host.Feeds.ResumeFeedAsync(new() { Id = subscription.FeedId }, _world.Host.TicketOf(tenant.Id, Role.Operator));
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.Changes.Count >= 10);
        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
    }

    [Fact]
    public async Task A_field_that_queries_do_not_take_stops_no_other_and_is_tried_again_after_a_day()
    {
        await crm.GenerateAsync(Leads, 20);
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        await tenant.RestedAsync(subscription.FeedId);

        await crm.DoAsync(Leads, "edited", 5);
        await crm.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/coql",
            times = 1,
            status = 400,
            body = """{"code":"INVALID_QUERY","details":{"column_name":"Phone","reason":"column given seems to be invalid"},"message":"column given seems to be invalid","status":"error"}""",
        });
        await RefreshAsync(tenant, subscription);
        await FailedAsync(tenant, subscription, "field_refused");
        _world.Clock.Advance(TimeSpan.FromSeconds(5));
        var without = await Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), feed => feed is { Code: "", Progress: null });
        Assert.Equal(["Phone"], without.MissingFields);

        // what the module has is asked for every six hours, and says that it is there
        _world.Clock.Advance(TimeSpan.FromHours(7));
        Assert.Equal(["Phone"], (await tenant.RefreshAsync(subscription.FeedId)).MissingFields);
        _world.Clock.Advance(TimeSpan.FromHours(18));
        await Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), feed => feed.MissingFields.Count == 0 && feed.Progress is null);
        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
        Assert.DoesNotContain(told.Changes, change => change.Deleted);
    }

    private static Task<Feed> FailedAsync(CrmTenant tenant, Subscription subscription, string code) =>
        Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), feed => feed.Code == code);

    private async Task RefreshAsync(CrmTenant tenant, Subscription subscription) => await _world.Host.Feeds.RefreshFeedAsync(
        new RefreshFeedRequest { Id = subscription.FeedId }, _world.Host.TicketOf(tenant.Id, Role.Operator));

    private async Task<Feed> ConfirmAsync(CrmTenant tenant, Subscription subscription, bool delete) => await _world.Host.Feeds.ConfirmDeletionsAsync(
        new ConfirmDeletionsRequest { Id = subscription.FeedId, Delete = delete }, _world.Host.TicketOf(tenant.Id, Role.Admin));
}
