using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>What changes in Zoho CRM reaches whoever subscribes.</summary>
public sealed class InboxTests(Crm crm) : IClassFixture<Crm>, IAsyncLifetime
{
    private const string Leads = "Leads";

    private static readonly string[] Fields = ["Last_Name", "Phone", "City", "Company", "Owner", "Created_Time"];

    private CrmWorld _world = null!;

    public async Task InitializeAsync() => _world = await CrmWorld.StartAsync(crm);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task All_records_are_told_and_then_edits_deletions_merges_and_what_came_back()
    {
        const int Rows = 4_500;
        await crm.GenerateAsync(Leads, Rows);
        var tenant = await _world.TenantAsync();

        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        var first = await tenant.RestedAsync(subscription.FeedId);

        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);
        Assert.Equal((Rows, Rows), (told.Changes.Count, first.Records));

        var (edited, deleted) = (await crm.DoAsync(Leads, "edited", 300), await crm.DoAsync(Leads, "deleted", 40));
        await crm.DoAsync(Leads, "merged", 10);
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Changes.Count >= Rows + edited.Count && one.Records.Count == Rows - deleted.Count - 10);
        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);

        await crm.DoAsync(Leads, "restored", 5);
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Records.Count == Rows - deleted.Count - 5);
        Assert.Equal(await crm.TruthAsync(Leads, Fields), told.Records);

        // whoever comes later is told all of it, and Zoho is asked for none
        var calls = await crm.CallsAsync("crm.coql");
        var second = tenant.Follow(await tenant.SubscribeAsync(Leads, ["Last_Name"], service: "webhooks"), "webhooks");
        await second.FollowAsync(one => one.KnownUntil is not null);
        Assert.Equal(await crm.TruthAsync(Leads, ["Last_Name"]), second.Records);
        Assert.Equal(calls, await crm.CallsAsync("crm.coql"));
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(200)]
    public async Task Calls_are_as_few_as_pages_and_nothing_changed_costs_one(int rowsOfAPage)
    {
        const int Rows = 4_100;
        await crm.GenerateAsync(Leads, Rows, perSecond: Rows);
        // what was changed a minute ago would be looked at twice
        await _world.PassAsync(TimeSpan.FromMinutes(2));
        await crm.SetAsync(new { coql_rows = rowsOfAPage });
        var tenant = await _world.TenantAsync();

        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        await tenant.RestedAsync(subscription.FeedId);
        var first = (await tenant.RunsAsync(subscription.FeedId))[^1];
        // all pages, the fields, the organisation, the count, the changes since, what was deleted, and where the larger page is refused once more
        Assert.InRange(first.Calls, 1, ((Rows + rowsOfAPage - 1) / rowsOfAPage) + 6);

        var before = await crm.CallsAsync("crm.coql") + await crm.CallsAsync("crm.deleted");
        await tenant.PolledAsync(subscription.FeedId);
        Assert.Equal(before + 1, await crm.CallsAsync("crm.coql") + await crm.CallsAsync("crm.deleted"));
    }

    [Fact]
    public async Task Whatever_Zoho_leaves_open_the_copy_is_the_same()
    {
        var custom = Enumerable.Range(0, 60).Select(n => $"Extra_{n}").ToList();
        foreach (var name in custom)
        {
            await crm.ControlAsync(HttpMethod.Post, "/Contacts/fields", new { api_name = name, type = "text", length = 64 });
        }

        // more fields than one query has; two lookups; lookups with and without their name
        List<string> fields = [.. custom, "Last_Name", "Account_Name", "Owner", "Description"];
        await crm.GenerateAsync("Accounts", 5);
        await crm.GenerateAsync("Contacts", 450, perSecond: 450);
        foreach (var settings in (object[])
            [
                new { coql_lookup_names = false, deleted_capped = true },
                new { coql_lookup_names = true, deleted_capped = false, merged_children_permanent = false },
            ])
        {
            await crm.SetAsync(settings);
            var tenant = await _world.TenantAsync();
            var subscription = await tenant.SubscribeAsync("Contacts", fields);
            var told = tenant.Follow(subscription);
            await told.FollowAsync(one => one.KnownUntil is not null);
            Assert.Equal(await crm.TruthAsync("Contacts", fields), told.Records);

            await crm.DoAsync("Contacts", "edited", 120);
            await crm.DoAsync("Contacts", "merged", 10);
            await tenant.RefreshAsync(subscription.FeedId);
            var truth = await crm.TruthAsync("Contacts", fields);
            await told.FollowAsync(one => one.Records.SequenceEqual(truth));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_converted_lead_stays_and_says_what_it_became(bool listsConverted)
    {
        await crm.GenerateAsync(Leads, 5);
        await crm.SetAsync(new { coql_lists_converted = listsConverted });
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        var lead = told.Records.Keys.First();

        var became = (await crm.CallAsync(HttpMethod.Post, $"Leads/{lead}/actions/convert", new { data = new[] { new { } } }))
            .GetProperty("data")[0].GetProperty("details").GetProperty("Contacts").GetProperty("id").GetString();
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Changes.Count > 5);

        var change = Assert.Single(told.Changes.Skip(5));
        Assert.Equal((lead, false), (change.RecordId, change.Deleted));
        var content = JsonElement.Parse(change.Content);
        Assert.Equal((true, became), (content.GetProperty("Converted__s").GetBoolean(), content.GetProperty("Converted_Contact").GetString()));
    }

    [Fact]
    public async Task Who_wants_to_be_told_from_a_moment_on_is_told_nothing_of_before()
    {
        await crm.GenerateAsync(Leads, 50, perSecond: 1);
        var tenant = await _world.TenantAsync();
        var moment = _world.Clock.GetUtcNow().AddMinutes(1);
        var subscription = await tenant.SubscribeAsync(Leads, Fields, from: moment);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        Assert.Empty(told.Changes);

        await _world.PassAsync(TimeSpan.FromSeconds(90));
        var edited = await crm.DoAsync(Leads, "edited", 3);
        await tenant.RefreshAsync(subscription.FeedId);
        await told.FollowAsync(one => one.Changes.Count == 3);

        Assert.Equal(edited.Order(StringComparer.Ordinal), told.Changes.Select(change => change.RecordId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_field_is_read_once_more_for_all_and_each_is_told_its_own_alone()
    {
        await crm.GenerateAsync(Leads, 30);
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, ["Last_Name", "Not_There"]);
        var feed = await tenant.RestedAsync(subscription.FeedId);
        Assert.Equal((["Last_Name", "Not_There"], ["Not_There"]), (feed.Fields, feed.MissingFields));

        var other = await tenant.SubscribeAsync(Leads, ["City"], service: "webhooks");
        Assert.Equal(subscription.FeedId, other.FeedId);
        var told = tenant.Follow(other, "webhooks");
        await told.FollowAsync(one => one.Records.Count == 30 && one.Records.Values.Any(city => city.Length > 0));
        Assert.Equal(await crm.TruthAsync(Leads, ["City"]), told.Records);
        Assert.DoesNotContain(told.Changes, change => change.Content.Contains("Last_Name", StringComparison.Ordinal));

        // one that the organisation makes later; a run that is under way would end without having seen it
        await tenant.RestedAsync(subscription.FeedId);
        await crm.ControlAsync(HttpMethod.Post, "/Leads/fields", new { api_name = "Not_There", type = "text", length = 20 });
        await crm.SetRecordAsync(Leads, told.Records.Keys.First(), new { Not_There = "now it is" });
        _world.Clock.Advance(TimeSpan.FromHours(6) + TimeSpan.FromMinutes(1));
        await Eventually.GetAsync(() => tenant.FeedAsync(subscription.FeedId), now => now.MissingFields.Count == 0 && now.Progress is null);
        var first = tenant.Follow(subscription);
        await first.FollowAsync(one => one.Records.Values.Any(text => text.Contains("now it is", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_subscription_is_its_services_and_its_tenants_and_the_last_one_takes_everything_along()
    {
        await crm.GenerateAsync(Leads, 10);
        var (tenant, stranger) = (await _world.TenantAsync(), await _world.TenantAsync());
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var other = await tenant.SubscribeAsync(Leads, Fields, service: "webhooks");
        await tenant.RestedAsync(subscription.FeedId);
        Assert.Equal(subscription.Id, (await tenant.SubscribeAsync(Leads, ["City"])).Id);

        foreach (var follower in (Told[])[tenant.Follow(subscription, "webhooks"), stranger.Follow(subscription)])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => follower.FollowAsync(_ => false));
            Assert.Equal((StatusCode.NotFound, "subscription_not_found"), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.CodeTrailer)));
        }

        await tenant.UnsubscribeAsync(subscription);
        await tenant.UnsubscribeAsync(subscription);
        Assert.Equal(["service:webhooks"], (await tenant.FeedAsync(subscription.FeedId)).Subscribers);
        await tenant.UnsubscribeAsync(other, "webhooks");

        var gone = await Assert.ThrowsAsync<RpcException>(() => tenant.FeedAsync(subscription.FeedId));
        Assert.Equal("feed_not_found", gone.Trailers.GetValue(GrpcFailures.CodeTrailer));
        Assert.Equal(
            0L,
            await _world.SqlAsync(
                "SELECT (SELECT count(*) FROM feed_records) + (SELECT count(*) FROM copies) + (SELECT count(*) FROM copy_records) + (SELECT count(*) FROM copy_queue) + (SELECT count(*) FROM feeds)"));
    }

    [Theory]
    [InlineData("connection_id", "none", "Leads", "Last_Name")]
    [InlineData("module", "11111111-1111-1111-1111-111111111111", "Leads?x=1", "Last_Name")]
    [InlineData("module", "11111111-1111-1111-1111-111111111111", "", "Last_Name")]
    [InlineData("module", "11111111-1111-1111-1111-111111111111", "Notes", "Note_Title")]
    [InlineData("fields", "11111111-1111-1111-1111-111111111111", "Leads", "Last Name")]
    [InlineData("fields", "11111111-1111-1111-1111-111111111111", "Leads", "a'b")]
    public async Task Wrong_input_is_named(string field, string connection, string module, string wanted)
    {
        var request = new SubscribeRequest { ConnectionId = connection, Module = module, Fields = { wanted } };
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await _world.Host.Inbox.SubscribeAsync(
            request, TestTickets.OwnOf("campaigns", new TenantId(Guid.NewGuid()), "crm", _world.Clock)));

        Assert.Equal((StatusCode.InvalidArgument, field), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.FieldTrailer)));
    }
}
