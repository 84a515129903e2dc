using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class WebhookTests : IAsyncLifetime
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
    public async Task A_webhook_is_changed_in_what_is_named_and_the_rest_stays()
    {
        var webhook = (await CreateAsync("connection.grant_revoked")).Webhook;
        var other = "https://hooks.example.com/other";

        var moved = await _world.Host.Webhooks.UpdateWebhookAsync(new() { Id = webhook.Id, Url = other }, _world.Admin);
        Assert.Equal((other, webhook.EventTypes), (moved.Url, moved.EventTypes));
        var narrowed = await _world.Host.Webhooks.UpdateWebhookAsync(
            new()
            {
                Id = webhook.Id,
                EventTypes = new() { Names_ = { "connection.budget_half" } },
                Subjects = new() { Names_ = { "connection:1" } },
            },
            _world.Admin);
        Assert.Equal((other, "connection.budget_half", "connection:1"), (narrowed.Url, narrowed.EventTypes.Single(), narrowed.Subjects.Single()));
        Assert.Equal(narrowed, await _world.Host.Webhooks.GetWebhookAsync(new() { Id = webhook.Id }, _world.Admin));
        await WebhooksWorld.RefusedAsync("invalid_field", async () => await _world.Host.Webhooks.UpdateWebhookAsync(
            new() { Id = webhook.Id, EventTypes = new() }, _world.Admin));
        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await _world.Host.Webhooks.UpdateWebhookAsync(
            new() { Id = Guid.NewGuid().ToString() }, _world.Admin));
    }

    [Fact]
    public async Task An_event_comes_signed_in_the_form_of_standard_webhooks_and_without_a_secret()
    {
        var created = await CreateAsync();
        var told = await RaiseAsync();

        var received = Assert.Single(await ReceivedAsync(1));

        Assert.Equal("/events?of=zoho", received.Path);
        Assert.Equal("application/json; charset=utf-8", received.Header("Content-Type"));
        var (id, timestamp) = (received.Header("webhook-id"), received.Header("webhook-timestamp"));
        var age = _world.Clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture));
        Assert.InRange(age, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        var key = Convert.FromBase64String(created.Secret["whsec_".Length..]);
        Assert.Equal(32, key.Length);
        Assert.Equal(
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{received.Body}"))),
            received.Header("webhook-signature"));

        Assert.Equal(id, received.Json.GetProperty("id").GetString());
        Assert.Equal("connection.scopes_missing", received.Json.GetProperty("type").GetString());
        Assert.Equal(("connection:1", told.Id), (received.Json.GetProperty("subject").GetString(), id));
        Assert.Equal(told.OccurredAt.ToDateTimeOffset(), received.Json.GetProperty("occurred_at").GetDateTimeOffset());
        Assert.Equal(told.Data, received.Json.GetProperty("data").GetRawText());

        var delivery = Assert.Single(await DeliveriesAsync(created.Webhook.Id, WebhookDeliveryState.Delivered));
        Assert.Equal((id, 1, 204, ""), (delivery.EventId, delivery.Attempts, delivery.LastStatus, delivery.LastError));
        Assert.Equal(0L, await _world.SqlAsync("SELECT count(*) FROM delivery_queue"));
    }

    [Fact]
    public async Task No_trace_shows_the_address_of_a_receiver_which_may_be_its_secret()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var created = await CreateAsync();
        await RaiseAsync();

        Assert.Single(await DeliveriesAsync(created.Webhook.Id, WebhookDeliveryState.Delivered));

        Assert.NotEmpty(ended);     // the test's own calls
        Assert.DoesNotContain(ended, call => new Uri(call.GetTagItem("url.full")!.ToString()!).AbsolutePath == "/events");
    }

    [Fact]
    public async Task A_receiver_that_is_down_gets_the_same_event_when_it_is_up_again()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        _receiver.Answer = _ => 500;
        await RaiseAsync();

        await ReceivedAsync(3);
        var waiting = Assert.Single(await DeliveriesAsync(webhook, WebhookDeliveryState.Pending));
        Assert.Equal((500, "The receiver answered 500."), (waiting.LastStatus, waiting.LastError));
        Assert.True(waiting.NextAttemptAt.ToDateTimeOffset() > waiting.LastAttemptAt.ToDateTimeOffset());
        Assert.NotNull(Assert.Single(await WebhooksAsync()).FirstFailedAt);

        _receiver.Answer = _ => 200;
        var delivered = Assert.Single(await DeliveriesAsync(webhook, WebhookDeliveryState.Delivered));

        Assert.Equal(delivered.Attempts, _receiver.Requests.Count);
        Assert.Equal(delivered.EventId, Assert.Single(_receiver.Requests.Select(request => request.Header("webhook-id")).Distinct()));
        Assert.Single(_receiver.Requests.Select(request => request.Body).Distinct());
        Assert.Null(Assert.Single(await WebhooksAsync()).FirstFailedAt);
    }

    [Fact]
    public async Task After_more_than_a_day_a_delivery_is_given_up_and_can_be_sent_again()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        _receiver.Answer = _ => 503;
        await RaiseAsync();

        var failed = Assert.Single(await DeliveriesAsync(webhook, WebhookDeliveryState.Failed, TimeSpan.FromHours(4)));

        Assert.True(failed.LastAttemptAt.ToDateTimeOffset() - failed.CreatedAt.ToDateTimeOffset() > TimeSpan.FromHours(24));
        Assert.Equal((10, 10), (failed.Attempts, _receiver.Requests.Count));
        Assert.Null(failed.NextAttemptAt);

        _receiver.Answer = _ => 200;
        var again = await _world.Host.Webhooks.RedeliverAsync(new() { DeliveryId = failed.Id }, _world.Admin);
        Assert.Equal((WebhookDeliveryState.Pending, failed.EventId), (again.State, again.EventId));
        Assert.Equal(failed.EventId, Assert.Single(await DeliveriesAsync(webhook, WebhookDeliveryState.Delivered)).EventId);
        Assert.Equal(failed.EventId, _receiver.Requests[^1].Header("webhook-id"));
    }

    [Fact]
    public async Task A_webhook_that_takes_nothing_for_days_is_disabled_and_a_test_that_it_takes_enables_it()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        _receiver.Answer = _ => 500;
        Assert.Equal(WebhookDeliveryState.Failed, (await TestAsync(webhook)).State);
        _world.Clock.Advance(TimeSpan.FromDays(5));
        Assert.Equal(WebhookDeliveryState.Failed, (await TestAsync(webhook)).State);

        var disabled = Assert.Single(await WebhooksAsync());
        Assert.NotNull(disabled.DisabledAt);
        Assert.Equal("Nothing was taken for 5 days. The last attempt: The receiver answered 500.", disabled.DisabledReason);
        await RaiseAsync();
        Assert.All((await ListAsync(webhook)).Deliveries, delivery => Assert.Equal("webhook.test", delivery.EventType));
        await WebhooksWorld.RefusedAsync("webhook_disabled", async () => await _world.Host.Webhooks.RedeliverAsync(
            new() { DeliveryId = (await ListAsync(webhook)).Deliveries[0].Id }, _world.Admin));

        _receiver.Answer = _ => 200;
        Assert.Equal(WebhookDeliveryState.Delivered, (await TestAsync(webhook)).State);
        var enabled = Assert.Single(await WebhooksAsync());
        Assert.Equal((null, null, ""), (enabled.DisabledAt, enabled.FirstFailedAt, enabled.DisabledReason));

        Assert.Equal(
            ["webhook.created key:Admin", "webhook.disabled key:Admin", "webhook.enabled key:Admin"],
            await AuditedAsync(webhook));
    }

    [Fact]
    public async Task A_receiver_that_says_it_is_gone_is_asked_no_more()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        _receiver.Answer = _ => 410;
        await RaiseAsync();

        Assert.Equal(1, Assert.Single(await DeliveriesAsync(webhook, WebhookDeliveryState.Failed)).Attempts);
        Assert.NotNull(Assert.Single(await WebhooksAsync()).DisabledAt);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        _receiver.Answer = _ => 307;

        var delivery = await TestAsync(webhook);

        Assert.Equal((307, "The receiver answered 307: redirects are not followed."), (delivery.LastStatus, delivery.LastError));
        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_not_connected_to()
    {
        _world.Configuration["Webhooks:AllowLoopback"] = "false";
        var guarded = await _world.StartHostAsync();
        using var inside = new TcpListener(IPAddress.Loopback, 0);
        inside.Start();
        var port = ((IPEndPoint)inside.LocalEndpoint).Port;

        foreach (var url in (string[])[$"http://localhost:{port}/", $"https://127.0.0.1:{port}/", $"https://[::1]:{port}/", "https://10.0.0.1/"])
        {
            var refused = await WebhooksWorld.RefusedAsync(
                "invalid_field", async () => await guarded.Webhooks.CreateWebhookAsync(new() { Url = url }, _world.Admin));
            Assert.Equal("url", refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
        }

        var webhook = (await guarded.Webhooks.CreateWebhookAsync(new() { Url = $"https://localhost:{port}/" }, _world.Admin)).Webhook;
        var delivery = await guarded.Webhooks.TestWebhookAsync(new() { Id = webhook.Id }, _world.Admin);

        Assert.Equal(WebhookDeliveryState.Failed, delivery.State);
        Assert.Contains("not public", delivery.LastError, StringComparison.Ordinal);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task A_network_that_the_settings_name_is_connected_to_with_tls_only()
    {
        _world.Configuration["Webhooks:AllowLoopback"] = "false";
        _world.Configuration["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8";
        var host = await _world.StartHostAsync();
        var webhook = (await host.Webhooks.CreateWebhookAsync(
            new() { Url = _receiver.Url.Replace("http://", "https://", StringComparison.Ordinal) }, _world.Admin)).Webhook;

        var delivery = await host.Webhooks.TestWebhookAsync(new() { Id = webhook.Id }, _world.Admin);

        Assert.Equal("The receiver's certificate was not accepted, or it speaks no TLS.", delivery.LastError);
        Assert.Empty(_receiver.Requests);
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_lies_sealed_and_is_sealed_anew_with_the_others()
    {
        var created = await CreateAsync();
        Assert.StartsWith("whsec_", created.Secret, StringComparison.Ordinal);
        Assert.DoesNotContain(created.Secret, (await _world.Host.Webhooks.ListWebhooksAsync(new(), _world.Admin)).ToString(), StringComparison.Ordinal);
        const string Sealed = "SELECT encode(secret_sealed, 'base64') FROM webhooks";
        var before = (string)(await _world.SqlAsync(Sealed))!;
        Assert.Equal(0L, await _world.SqlAsync($"SELECT count(*) FROM webhooks WHERE webhooks::text LIKE '%{created.Secret}%'"));

        await _world.Host.Webhooks.RotateSecretAsync(new() { Id = created.Webhook.Id }, _world.Admin);
        var gateway = _world.Host.TicketOf(TenantId.None, Role.Service);
        var rotation = await _world.Host.Keys.StartRotationAsync(new(), gateway);
        Assert.Equal((2, 2), (rotation.Status.SealedValues, rotation.Status.OnOlderKeys));
        Assert.NotEqual(rotation.PreviousDataKeyId, rotation.Status.DataKeyId);
        await Eventually.GetAsync(
            async () =>
            {
                _world.Clock.Advance(TimeSpan.FromSeconds(6));
                return (await _world.Host.Keys.GetStatusAsync(new(), gateway)).OnOlderKeys;
            },
            left => left == 0);

        Assert.NotEqual(before, await _world.SqlAsync(Sealed));
        Assert.NotEqual(before, await _world.SqlAsync(Sealed.Replace("secret_sealed", "previous_secret_sealed", StringComparison.Ordinal)));
        Assert.Equal(WebhookDeliveryState.Delivered, (await TestAsync(created.Webhook.Id)).State);
        Assert.DoesNotContain(_world.LogLines, line => line.Contains(created.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_what_was_subscribed_to_is_sent()
    {
        var webhook = (await CreateAsync("connection.grant_revoked")).Webhook.Id;
        await RaiseAsync();

        Assert.Empty((await ListAsync(webhook)).Deliveries);
        Assert.DoesNotContain("connection.budget_half", (await CreateAsync()).Webhook.EventTypes);
    }

    [Fact]
    public async Task A_tenant_has_ten_webhooks_at_most_and_a_deleted_one_is_gone_with_its_deliveries()
    {
        var made = new List<string>();
        foreach (var _ in Enumerable.Range(0, 10))
        {
            made.Add((await CreateAsync()).Webhook.Id);
            _world.Clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        await WebhooksWorld.RefusedAsync("too_many_webhooks", async () => await CreateAsync());
        _receiver.Answer = _ => 500;
        await RaiseAsync();
        await _world.Host.Webhooks.DeleteWebhookAsync(new() { Id = made[3] }, _world.Admin);
        made.RemoveAt(3);

        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await ListAsync(made[3][..^1] + "z"));
        Assert.Equal(made, (await WebhooksAsync()).Select(webhook => webhook.Id));
        Assert.Equal(9L, await _world.SqlAsync("SELECT count(*) FROM deliveries"));
        await CreateAsync();
        var page = await _world.Host.Audit.ListEntriesAsync(new() { Filter = new() { Action = "webhook.deleted" } }, _world.Admin);
        Assert.Contains("\"host\":\"127.0.0.1:", Assert.Single(page.Entries).Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_come_in_pages_newest_first()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        var sent = new List<string>();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            sent.Insert(0, (await TestAsync(webhook)).Id);
            _world.Clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        var read = new List<string>();
        var token = "";
        do
        {
            var page = await _world.Host.Webhooks.ListDeliveriesAsync(
                new() { WebhookId = webhook, PageSize = 2, PageToken = token }, _world.Admin);
            read.AddRange(page.Deliveries.Select(delivery => delivery.Id));
            Assert.Equal(sent.Count, page.Total);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(sent, read);
    }

    [Theory]
    [InlineData("http://hooks.example.com/", "", "url")]
    [InlineData("https://169.254.169.254/latest", "", "url")]
    [InlineData("https://hooks.example.com/", "connection.none", "event_types")]
    public async Task What_is_wrong_with_a_webhook_is_named(string url, string type, string field)
    {
        var request = new CreateWebhookRequest { Url = url };
        request.EventTypes.AddRange(type.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        var refused = await WebhooksWorld.RefusedAsync(
            "invalid_field", async () => await _world.Host.Webhooks.CreateWebhookAsync(request, _world.Admin));

        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }

    [Fact]
    public async Task Another_tenant_and_another_role_get_to_nothing()
    {
        var webhook = (await CreateAsync()).Webhook.Id;
        var delivery = (await TestAsync(webhook)).Id;
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);
        var client = _world.Host.Webhooks;

        Assert.Empty((await client.ListWebhooksAsync(new(), theirs)).Webhooks);
        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await client.DeleteWebhookAsync(new() { Id = webhook }, theirs));
        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await client.TestWebhookAsync(new() { Id = webhook }, theirs));
        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await client.ListDeliveriesAsync(new() { WebhookId = webhook }, theirs));
        await WebhooksWorld.RefusedAsync("delivery_not_found", async () => await client.RedeliverAsync(new() { DeliveryId = delivery }, theirs));

        var operators = _world.Host.TicketOf(_world.Tenant, Role.Operator);
        foreach (var call in (Func<Task>[])
            [
                async () => await client.CreateWebhookAsync(new() { Url = _receiver.Url }, operators),
                async () => await client.ListWebhooksAsync(new(), operators),
                async () => await client.DeleteWebhookAsync(new() { Id = webhook }, operators),
                async () => await client.TestWebhookAsync(new() { Id = webhook }, operators),
                async () => await client.ListDeliveriesAsync(new() { WebhookId = webhook }, operators),
                async () => await client.RedeliverAsync(new() { DeliveryId = delivery }, operators),
            ])
        {
            Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
        }
    }

    private async Task<CreateWebhookResponse> CreateAsync(params string[] types) =>
        await _world.Host.Webhooks.CreateWebhookAsync(new() { Url = _receiver.Url, EventTypes = { types } }, _world.Admin);

    private async Task<WebhookDelivery> TestAsync(string webhook) =>
        await _world.Host.Webhooks.TestWebhookAsync(new() { Id = webhook }, _world.Admin);

    private async Task<Event> RaiseAsync()
    {
        var told = _world.NewEvent();
        await _world.RaiseAsync(told);
        return told;
    }

    private async Task<IReadOnlyList<Received>> ReceivedAsync(int count) => await Eventually.GetAsync(
        () =>
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(20));
            return Task.FromResult(_receiver.Requests);
        },
        requests => requests.Count >= count);

    /// <summary>The webhook's deliveries, as soon as all of them are in this state; time goes on meanwhile.</summary>
    private async Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(string webhook, WebhookDeliveryState state, TimeSpan? step = null) =>
        (await Eventually.GetAsync(
            async () =>
            {
                _world.Clock.Advance(step ?? TimeSpan.FromSeconds(20));
                return (await ListAsync(webhook)).Deliveries;
            },
            deliveries => deliveries.Count > 0 && deliveries.All(delivery => delivery.State == state && delivery.Attempts > 0))).ToList();

    private async Task<ListDeliveriesResponse> ListAsync(string webhook) =>
        await _world.Host.Webhooks.ListDeliveriesAsync(new() { WebhookId = webhook }, _world.Admin);

    private async Task<IReadOnlyList<Webhook>> WebhooksAsync() => (await _world.Host.Webhooks.ListWebhooksAsync(new(), _world.Admin)).Webhooks;

    private async Task<IReadOnlyList<string>> AuditedAsync(string webhook)
    {
        var page = await _world.Host.Audit.ListEntriesAsync(new() { Filter = new() { Subject = $"webhook:{webhook}" } }, _world.Admin);
        return [.. page.Entries.Select(entry => $"{entry.Action} {entry.Actor}").Reverse()];
    }
}
