using Google.Protobuf;
using Grpc.Core;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>What Zoho tells by itself, and what happens where it does not.</summary>
public sealed class ChannelTests(Crm crm) : IClassFixture<Crm>, IAsyncLifetime
{
    private const string Leads = "Leads";
    private const string Watch = "/crm/v8/actions/watch";

    private static readonly string[] Fields = ["Last_Name", "Phone"];

    private PlayedGateway _gateway = null!;
    private CrmWorld _world = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _world = await CrmWorld.StartAsync(crm, notifications: _gateway.Url);
        _gateway.Service = _world.Host;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_change_is_told_without_anybody_looking(bool doubled, bool numbers)
    {
        await crm.GenerateAsync(Leads, 60);
        await crm.SetAsync(new { notifications_doubled = doubled, notification_channel_numbers = numbers, notifications_say_insert = !numbers, notifications_short = numbers });
        var (tenant, subscription, told) = await FollowedAsync();

        // nothing polls: the clock stands still
        await crm.DoAsync(Leads, "edited", 25);
        await crm.DoAsync(Leads, "deleted", 3);
        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));

        Assert.NotNull((await tenant.FeedAsync(subscription.FeedId)).NotifiedAt);
        Assert.All(_gateway.Answers, status => Assert.Equal(StatusCode.OK, status));
        Assert.Contains("channel_id", (await crm.ControlAsync(HttpMethod.Get, "/channels")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_told_is_found_by_looking()
    {
        await crm.GenerateAsync(Leads, 60);
        await crm.SetAsync(new { notifications_lost_every = 1 });
        var (tenant, subscription, told) = await FollowedAsync();
        var before = told.Changes.Count;

        await crm.DoAsync(Leads, "edited", 25);
        // callbacks come one after the other: this one would be behind those
        await crm.SetAsync(new { notifications_lost_every = 0 });
        await crm.SetRecordAsync(Leads, told.Records.Keys.First(), new { Phone = "+34 600 000 001" });
        await told.FollowAsync(one => one.Changes.Count > before);
        Assert.Equal((1, before + 1), (_gateway.Answers.Count, told.Changes.Count));

        await tenant.PolledAsync(subscription.FeedId);
        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
    }

    [Fact]
    public async Task What_is_read_by_id_after_a_hiccup_is_not_gone()
    {
        await crm.GenerateAsync(Leads, 60);
        var (_, _, told) = await FollowedAsync();

        // both tries of a query: the next one asks for less, which of records that are named would leave some out
        var fault = await crm.DisturbAsync(new
        {
            kind = "status",
            path = "/crm/v8/coql",
            times = 2,
            status = 500,
            body = """{"code":"INTERNAL_ERROR","details":{},"message":"internal error","status":"error"}""",
        });
        await crm.DoAsync(Leads, "edited", 45);
        await crm.MetAsync(fault);
        await ReadAsync();
        await crm.MetAsync(fault, calls: 2);

        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
        Assert.DoesNotContain(told.Changes, change => change.Deleted);
    }

    [Fact]
    public async Task A_wide_record_that_changes_between_its_parts_is_told_once_and_whole()
    {
        var fields = Enumerable.Range(0, 60).Select(n => $"Extra_{n}").ToList();
        foreach (var name in fields)
        {
            await crm.ControlAsync(HttpMethod.Post, "/Leads/fields", new { api_name = name, type = "text", length = 64 });
        }

        await crm.GenerateAsync(Leads, 5);
        var (tenant, subscription, told) = await FollowedAsync(fields);
        var (before, id) = (told.Changes.Count, told.Records.Keys.First());

        var first = await crm.DisturbAsync(new { kind = "hang", path = "/crm/v8/coql", times = 1 });
        await crm.SetRecordAsync(Leads, id, new { Extra_0 = "one", Extra_9 = "one" });
        await crm.MetAsync(first);
        var second = await crm.DisturbAsync(new { kind = "hang", path = "/crm/v8/coql", times = 1 });
        await crm.ReleaseAsync(first);
        await crm.MetAsync(second);
        // Zoho's times are whole seconds
        await crm.Simulator.ControlAsync(HttpMethod.Post, "clock", new { advance_seconds = 2 });
        // nobody says it a second time, which would mend what the first reading came to
        await crm.SetAsync(new { notifications_lost_every = 1 });
        await crm.SetRecordAsync(Leads, id, new { Extra_0 = "two", Extra_9 = "two" });
        await crm.ReleaseAsync(second);

        var truth = await crm.TruthAsync(Leads, fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
        // and nothing of it comes behind that
        await ReadAsync();
        await tenant.RefreshAsync(subscription.FeedId, FeedRunKind.Check);
        var other = told.Records.Keys.Last();
        await crm.SetAsync(new { notifications_lost_every = 0 });
        await crm.SetRecordAsync(Leads, other, new { Extra_0 = "last" });
        await told.FollowAsync(one => one.Changes[^1].RecordId == other);
        Assert.Equal([(id, false), (other, false)], told.Changes.Skip(before).Select(change => (change.RecordId, change.Deleted)));
    }

    [Fact]
    public async Task Who_subscribes_while_the_channel_is_made_is_told_of_at_once()
    {
        var tenant = await _world.TenantAsync();
        var made = await crm.DisturbAsync(new { kind = "hang", path = Watch, method = "POST", times = 1 });
        await tenant.SubscribeAsync(Leads, Fields);
        await crm.MetAsync(made);
        await tenant.SubscribeAsync("Contacts", ["Last_Name"]);
        await crm.ReleaseAsync(made);

        // the clock stands still: nobody looks an hour later
        await Eventually.GetAsync(ChannelAsync, channel => channel?.Modules is "Contacts,Leads");
    }

    [Fact]
    public async Task Two_replicas_that_make_a_channel_at_once_make_one_and_know_what_Zoho_was_told_last()
    {
        await crm.GenerateAsync(Leads, 10);
        await _world.AddReplicaAsync();
        var tenant = await _world.TenantAsync();
        var slow = await crm.DisturbAsync(new { kind = "hang", path = Watch, method = "POST", times = 1 });
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        await crm.MetAsync(slow);

        // one that did not renew its claim: the other makes the channel, and what the first one has sent reaches Zoho behind it
        await _world.SqlAsync("UPDATE channel_queue SET claimed_by = NULL, claimed_until = NULL; NOTIFY channel_queue; SELECT 1");
        await MadeAsync();
        var calls = await crm.CallsAsync("crm.watch");
        await crm.ReleaseAsync(slow);
        await Eventually.GetAsync(() => crm.CallsAsync("crm.watch"), now => now > calls);
        Assert.Equal(1, (await crm.ControlAsync(HttpMethod.Get, "/channels")).GetArrayLength());
        await tenant.RestedAsync(subscription.FeedId);

        await crm.DoAsync(Leads, "edited", 3);
        var truth = await crm.TruthAsync(Leads, Fields);
        await tenant.Follow(subscription).FollowAsync(one => one.Records.SequenceEqual(truth));
        Assert.Equal([StatusCode.OK], await Eventually.GetAsync(() => Task.FromResult(_gateway.Answers.ToArray()), answers => answers.Length > 0));
    }

    [Fact]
    public async Task Another_address_of_the_gateway_has_the_channel_made_again()
    {
        await crm.GenerateAsync(Leads, 10);
        var (tenant, subscription, _) = await FollowedAsync();
        var before = await ChannelAsync();
        await using var moved = await PlayedGateway.StartAsync();
        _world.Notifications = moved.Url;
        await _world.ReplaceOneAsync();
        moved.Service = _world.Host;
        await _world.PassAsync(TimeSpan.FromHours(1));
        var after = await Eventually.GetAsync(ChannelAsync, channel => channel?.Url.Authority == moved.Url.Authority);
        Assert.Equal(before!.Id, after!.Id);

        await crm.DoAsync(Leads, "edited", 3);
        var truth = await crm.TruthAsync(Leads, Fields);
        await tenant.Follow(subscription).FollowAsync(one => one.Records.SequenceEqual(truth));
        // noted once the service has answered
        Assert.Equal([StatusCode.OK], await Eventually.GetAsync(() => Task.FromResult(moved.Answers.ToArray()), answers => answers.Length > 0));
    }

    [Fact]
    public async Task A_channel_is_renewed_in_time_and_made_again_where_it_is_gone()
    {
        var (tenant, _, _) = await FollowedAsync();
        var first = await ChannelAsync();
        await _world.PassAsync(TimeSpan.FromDays(3) + TimeSpan.FromHours(1));
        var renewed = await Eventually.GetAsync(ChannelAsync, channel => channel?.ExpiresAt > first!.ExpiresAt);
        Assert.Equal(first!.Id, renewed!.Id);

        await crm.ControlAsync(HttpMethod.Delete, "/channels");
        await _world.PassAsync(TimeSpan.FromHours(1));
        await Eventually.GetAsync(ChannelAsync, channel => channel is not null);

        // another module is told by the same one
        await tenant.SubscribeAsync("Contacts", ["Last_Name"]);
        await Eventually.GetAsync(ChannelAsync, channel => channel?.Modules is "Contacts,Leads");
    }

    [Fact]
    public async Task A_channel_ends_with_the_last_subscription()
    {
        var (tenant, subscription, _) = await FollowedAsync();
        await tenant.UnsubscribeAsync(subscription);

        await Eventually.GetAsync(ChannelAsync, channel => channel is null);
        await Eventually.GetAsync(() => _world.SqlAsync("SELECT (SELECT count(*) FROM channels) + (SELECT count(*) FROM channel_queue)"), left => left is 0L);
    }

    [Fact]
    public async Task Nobody_but_who_knows_the_token_is_believed()
    {
        var (tenant, subscription, _) = await FollowedAsync();
        var channel = (string)(await _world.SqlAsync("SELECT id::text FROM channels"))!;
        var hints = "SELECT count(*) FROM copy_hints";
        foreach (var (id, body, status) in ((string, string, StatusCode)[])
            [
                (channel, """{"module":"Leads","ids":["1"],"token":"guessed"}""", StatusCode.NotFound),
                (Guid.NewGuid().ToString(), """{"module":"Leads","ids":["1"],"token":"guessed"}""", StatusCode.NotFound),
                ("1", """{"module":"Leads","ids":["1"],"token":"guessed"}""", StatusCode.NotFound),
                (channel, """{"module":"Leads","ids":["1"]}""", StatusCode.InvalidArgument),
                (channel, """{"module":"Leads","ids":"1","token":"x"}""", StatusCode.InvalidArgument),
                (channel, """[]""", StatusCode.InvalidArgument),
                (channel, """{"module":"Leads","ids":["1"],"token":"\ud800"}""", StatusCode.InvalidArgument),
                (channel, "", StatusCode.InvalidArgument),
                (channel, $$"""{"module":"Leads","ids":["1"],"token":"{{new string('x', 300_000)}}"}""", StatusCode.InvalidArgument),
            ])
        {
            Assert.Equal((body[..Math.Min(60, body.Length)], status), (body[..Math.Min(60, body.Length)], await _gateway.PassOnAsync(id, ByteString.CopyFromUtf8(body))));
        }

        Assert.Equal(0L, await _world.SqlAsync(hints));
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await _world.Host.Notifications.ReceiveAsync(
            new ReceiveRequest { ChannelId = channel }, _world.Host.TicketOf(tenant.Id, Role.Admin)));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.DoesNotContain(_world.Host.Log.Lines, line => line.Contains("guessed", StringComparison.Ordinal));
        Assert.Equal(subscription.FeedId, (await tenant.FeedAsync(subscription.FeedId)).Id);
    }

    private async Task<(CrmTenant Tenant, Subscription Subscription, Told Told)> FollowedAsync(IReadOnlyList<string>? fields = null)
    {
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, fields ?? Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        await tenant.RestedAsync(subscription.FeedId);
        await Eventually.GetAsync(ChannelAsync, channel => channel is not null);
        await MadeAsync();
        return (tenant, subscription, told);
    }

    // known at Zoho is not yet noted here
    private Task<object?> MadeAsync() => Eventually.GetAsync(
        () => _world.SqlAsync("SELECT count(*) FROM channels WHERE expires_at IS NOT NULL"), made => made is 1L);

    // what Zoho has told of is read, and tried again where that was refused
    private Task<object?> ReadAsync() => Eventually.GetAsync(
        () =>
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(5));
            return _world.SqlAsync("SELECT count(*) FROM copy_hints");
        },
        left => left is 0L);

    // as Zoho has it
    private async Task<Channel?> ChannelAsync()
    {
        var channels = (await crm.ControlAsync(HttpMethod.Get, "/channels")).EnumerateArray().ToList();
        return channels.Count == 0 ? null : new Channel(
            channels[0].GetProperty("channel_id").ToString(),
            new Uri(channels[0].GetProperty("notify_url").GetString()!),
            channels[0].GetProperty("expires_at").GetDateTimeOffset(),
            string.Join(',', channels[0].GetProperty("modules").EnumerateArray().Select(module => module.GetString()).Order(StringComparer.Ordinal)));
    }

    private sealed record Channel(string Id, Uri Url, DateTimeOffset ExpiresAt, string Modules);
}
