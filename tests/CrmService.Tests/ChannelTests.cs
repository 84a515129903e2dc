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

        await crm.DoAsync(Leads, "edited", 25);
        Assert.Empty(_gateway.Answers);
        await tenant.PolledAsync(subscription.FeedId);
        var truth = await crm.TruthAsync(Leads, Fields);
        await told.FollowAsync(one => one.Records.SequenceEqual(truth));
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

    private async Task<(CrmTenant Tenant, Subscription Subscription, Told Told)> FollowedAsync()
    {
        var tenant = await _world.TenantAsync();
        var subscription = await tenant.SubscribeAsync(Leads, Fields);
        var told = tenant.Follow(subscription);
        await told.FollowAsync(one => one.KnownUntil is not null);
        await tenant.RestedAsync(subscription.FeedId);
        await Eventually.GetAsync(ChannelAsync, channel => channel is not null);
        // known at Zoho is not yet noted here
        await Eventually.GetAsync(() => _world.SqlAsync("SELECT count(*) FROM channels WHERE expires_at IS NOT NULL"), made => made is 1L);
        return (tenant, subscription, told);
    }

    // as Zoho has it
    private async Task<Channel?> ChannelAsync()
    {
        var channels = (await crm.ControlAsync(HttpMethod.Get, "/channels")).EnumerateArray().ToList();
        return channels.Count == 0 ? null : new Channel(
            channels[0].GetProperty("channel_id").ToString(),
            channels[0].GetProperty("expires_at").GetDateTimeOffset(),
            string.Join(',', channels[0].GetProperty("modules").EnumerateArray().Select(module => module.GetString()).Order(StringComparer.Ordinal)));
    }

    private sealed record Channel(string Id, DateTimeOffset ExpiresAt, string Modules);
}
