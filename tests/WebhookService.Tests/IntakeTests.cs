using Grpc.Core;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Event = ZohoPlatform.Contracts.Webhooks.V1.Event;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class IntakeTests : IAsyncLifetime
{
    private readonly Receiver _receiver = new();
    private WebhooksWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await WebhooksWorld.PrepareAsync();
        await _world.StartHostAsync();
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_service_tells_no_event_of_another_one()
    {
        var told = _world.NewEvent("connection.grant_revoked");

        await WebhooksWorld.RefusedAsync("event_of_another_service", async () => await _world.Host.Events.RaiseAsync(
            new() { Events = { _world.NewEvent("campaigns.sync.finished"), told } },
            TestTickets.OwnOf("campaigns", _world.Tenant, "webhooks", _world.Time)));
    }

    [Fact]
    public async Task An_event_that_is_handed_over_by_many_at_once_is_stored_and_delivered_once()
    {
        await CreateAsync();
        var events = Enumerable.Range(0, 20).Select(_ => _world.NewEvent()).ToArray();

        // each call has its own part of them, in its own order
        await Task.WhenAll(Enumerable.Range(0, 8).Select(call =>
            _world.RaiseAsync([.. events.Skip(call % 3).OrderBy(told => (told.Id + call).GetHashCode(StringComparison.Ordinal))])));
        await _world.RaiseAsync(events);

        Assert.Equal(20L, await _world.SqlAsync("SELECT count(*) FROM events"));
        Assert.Equal(20L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));
        var received = await ReceivedAsync(20);
        Assert.Equal(events.Select(told => told.Id).Order(StringComparer.Ordinal), received.Select(one => one.Header("webhook-id")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_id_of_two_tenants_is_two_events()
    {
        var told = _world.NewEvent();

        await _world.RaiseAsync(told);
        await _world.Host.Events.RaiseAsync(new() { Events = { told } }, TestTickets.OwnOf("tokens", _world.OtherTenant, "webhooks", _world.Time));

        Assert.Equal(2L, await _world.SqlAsync($"SELECT count(DISTINCT tenant_id) FROM events WHERE id = '{told.Id}'"));
    }

    [Fact]
    public async Task A_webhook_that_was_made_later_is_not_told_what_is_handed_over_again()
    {
        var told = _world.NewEvent();
        await _world.RaiseAsync(told);
        await CreateAsync();

        await _world.RaiseAsync(told);

        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));
    }

    [Fact]
    public async Task A_subject_that_was_named_is_told_and_no_other()
    {
        var one = await CreateAsync("connection:7", "sync:1");
        var all = await CreateAsync();

        await _world.RaiseAsync(
            _world.NewEvent(subject: "connection:7"), _world.NewEvent(subject: "connection:70"), _world.NewEvent(subject: "connection:"));

        Assert.Equal(1L, await DeliveriesOfAsync(one));
        Assert.Equal(3L, await DeliveriesOfAsync(all));
        Assert.Equal(
            ["connection:7", "sync:1"],
            (await _world.Host.Webhooks.ListWebhooksAsync(new(), _world.Admin)).Webhooks.Single(webhook => webhook.Id == one).Subjects);
    }

    [Fact]
    public async Task A_type_that_is_not_known_yet_is_stored_and_told_to_nobody()
    {
        await CreateAsync();

        await _world.RaiseAsync(_world.NewEvent("fancy.future"), _world.NewEvent());

        Assert.Equal(2L, await _world.SqlAsync("SELECT count(*) FROM events"));
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));
        Assert.Contains(_world.LogLines, line => line.Contains("fancy.future", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_catalogue_is_what_can_be_subscribed_to()
    {
        var listed = (await _world.Host.Webhooks.ListEventTypesAsync(new(), _world.Host.TicketOf(_world.Tenant, Role.Viewer))).EventTypes;

        Assert.Equal(EventCatalogue.All.Select(type => type.Name), listed.Select(type => type.Name));
        Assert.All(listed, type => Assert.Matches(@"^[a-z_]+(\.[a-z_]+)+$", type.Name));
        Assert.All(listed, type => Assert.EndsWith(".", type.Description, StringComparison.Ordinal));
        var made = await _world.Host.Webhooks.CreateWebhookAsync(
            new() { Url = _receiver.Url, EventTypes = { listed.Select(type => type.Name) } }, _world.Admin);
        Assert.Equal(listed.Count, made.Webhook.EventTypes.Count);
        Assert.Contains("campaigns.sync.finished", made.Webhook.EventTypes);
        Assert.Equal(
            listed.Where(type => type.NeedsPerson).Select(type => type.Name),
            (await _world.Host.Webhooks.CreateWebhookAsync(new() { Url = _receiver.Url }, _world.Admin)).Webhook.EventTypes);
    }

    [Theory]
    [InlineData("id", "nothing", "id")]
    [InlineData("type", "", "type")]
    [InlineData("subject", "", "subject")]
    [InlineData("data", "[]", "data")]
    [InlineData("data", "{", "data")]
    [InlineData("data", "", "data")]
    public async Task What_is_wrong_with_an_event_is_named_and_none_of_the_call_is_stored(string property, string value, string field)
    {
        var wrong = _world.NewEvent();
        Event.Descriptor.FindFieldByName(property).Accessor.SetValue(wrong, value);

        var refused = await WebhooksWorld.RefusedAsync("invalid_field", () => _world.RaiseAsync(_world.NewEvent(), wrong));

        Assert.Equal($"events[1].{field}", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM events"));
    }

    [Fact]
    public async Task Calls_are_bounded_and_for_services_alone()
    {
        var told = _world.NewEvent();
        told.Data = $$"""{"a":"{{new string('a', EventOutbox.MostData)}}"}""";
        await WebhooksWorld.RefusedAsync("invalid_field", () => _world.RaiseAsync(told));
        await WebhooksWorld.RefusedAsync("invalid_field", () => _world.RaiseAsync());
        await WebhooksWorld.RefusedAsync(
            "invalid_field", () => _world.RaiseAsync([.. Enumerable.Range(0, 101).Select(_ => _world.NewEvent())]));

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _world.Host.Events.RaiseAsync(new() { Events = { _world.NewEvent() } }, _world.Admin));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task What_ended_is_kept_for_thirty_days()
    {
        await CreateAsync();
        var told = _world.NewEvent();
        await _world.RaiseAsync(told);
        await ReceivedAsync(1);
        await Eventually.GetAsync(() => _world.SqlAsync("SELECT count(*) FROM deliveries WHERE ended_at IS NOT NULL"), ended => ended is 1L);

        _world.Clock.Advance(TimeSpan.FromDays(29));
        await _world.RaiseAsync(told);
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM events"));
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));

        _world.Clock.Advance(TimeSpan.FromDays(2));
        await _world.RaiseAsync(_world.NewEvent("connection.budget_half"));
        Assert.Equal(0L, await _world.SqlAsync($"SELECT count(*) FROM events WHERE id = '{told.Id}'"));
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));
    }

    [Fact]
    public async Task A_tenants_dead_receivers_hold_up_nobody_else()
    {
        // theirs never answer, and there is more for them than a replica does at once
        await using var dead = new Receiver();
        await dead.StartAsync();
        dead.Gate = new TaskCompletionSource().Task;
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);
        await _world.Host.Webhooks.CreateWebhookAsync(new() { Url = dead.Url }, theirs);
        await _world.Host.Events.RaiseAsync(
            new() { Events = { Enumerable.Range(0, 100).Select(_ => _world.NewEvent()) } },
            TestTickets.OwnOf("tokens", _world.OtherTenant, "webhooks", _world.Time));
        await Eventually.GetAsync(() => Task.FromResult(dead.Requests.Count), count => count == 8);

        await CreateAsync();
        await _world.RaiseAsync([.. Enumerable.Range(0, 20).Select(_ => _world.NewEvent())]);
        await ReceivedAsync(20);

        Assert.Equal(8, dead.Requests.Count);
    }

    private async Task<string> CreateAsync(params string[] subjects) =>
        (await _world.Host.Webhooks.CreateWebhookAsync(new() { Url = _receiver.Url, Subjects = { subjects } }, _world.Admin)).Webhook.Id;

    private Task<object?> DeliveriesOfAsync(string webhook) =>
        _world.SqlAsync($"SELECT count(*) FROM deliveries WHERE webhook_id = '{webhook}'");

    private async Task<IReadOnlyList<Received>> ReceivedAsync(int count) =>
        await Eventually.GetAsync(() => Task.FromResult(_receiver.Requests), requests => requests.Count >= count);
}
