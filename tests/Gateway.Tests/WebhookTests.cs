using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests;

public sealed class WebhookTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Prefix = "/api/v1/webhooks";
    private const string Url = "https://hooks.example.com/zoho";
    private const string Secret = "whsec_ZmFrZS1zZWNyZXQtb2YtdGhlLXdlYmhvb2s=";

    private static readonly Timestamp Time = new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero).ToTimestamp();

    private static readonly Webhook Stored = new() { Id = "w1", Url = Url, EventTypes = { "connection.grant_revoked" }, CreatedAt = Time };

    private static readonly WebhookDelivery Sent = new()
    {
        Id = "d1",
        WebhookId = "w1",
        EventId = "e1",
        EventType = "connection.grant_revoked",
        State = WebhookDeliveryState.Pending,
        Attempts = 2,
        CreatedAt = Time,
        LastAttemptAt = Time,
        LastStatus = 503,
        LastError = "The receiver answered 503.",
        NextAttemptAt = Time,
    };

    private const string SentJson =
        """{"id":"d1","webhook_id":"w1","event_id":"e1","event_type":"connection.grant_revoked","state":"pending","attempts":2,"created_at":"2026-11-21T09:30:00Z","last_attempt_at":"2026-11-21T09:30:00Z","last_status":503,"last_error":"The receiver answered 503.","next_attempt_at":"2026-11-21T09:30:00Z"}""";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_webhook_is_shown_and_changed_what_is_absent_stays_and_null_clears()
    {
        UpdateWebhookRequest? asked = null;
        _gateway.Services.GetWebhook = _ => Stored;
        _gateway.Services.UpdateWebhook = request =>
        {
            asked = request;
            return Stored;
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        Assert.Equal(Url, (await admin.GetAsync($"{Prefix}/w1")).Json.GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync($"{Prefix}/w1", new { subjects = Array.Empty<string>() })).Status);
        Assert.Equal(new UpdateWebhookRequest { Id = "w1", Subjects = new() }, asked);
        await admin.PatchAsync($"{Prefix}/w1", new { subjects = (string?)null, event_types = (string?)null, url = (string?)null });
        Assert.Equal(new UpdateWebhookRequest { Id = "w1", Subjects = new(), EventTypes = new(), Url = "" }, asked);
        await admin.PatchAsync($"{Prefix}/w1", new { url = Url, event_types = new[] { "connection.grant_revoked" } });
        Assert.Equal(new UpdateWebhookRequest { Id = "w1", Url = Url, EventTypes = new() { Names_ = { "connection.grant_revoked" } } }, asked);
    }

    [Fact]
    public async Task A_webhook_is_made_and_its_secret_is_shown_once()
    {
        var made = 0;
        CreateWebhookRequest? asked = null;
        _gateway.Services.CreateWebhook = (request, _) =>
        {
            asked = request;
            made++;
            return new() { Webhook = Stored, Secret = Secret };
        };
        _gateway.Services.ListWebhooks = _ => new() { Webhooks = { Stored } };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var body = new { url = Url, event_types = new[] { "connection.grant_revoked" } };

        var answer = await admin.PostAsync(Prefix, body, ("Idempotency-Key", "k1"));
        var again = await admin.PostAsync(Prefix, body, ("Idempotency-Key", "k1"));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(Secret, answer.Json.GetProperty("secret").GetString());
        Assert.Equal(new CreateWebhookRequest { Url = Url, EventTypes = { "connection.grant_revoked" } }, asked);
        again.AssertProblem(HttpStatusCode.Conflict, "idempotency_key_used");
        Assert.Equal(1, made);
        Assert.Equal(
            $$"""{"total":1,"webhooks":[{"id":"w1","url":"{{Url}}","created_at":"2026-11-21T09:30:00Z","event_types":["connection.grant_revoked"],"subjects":[]}]}""",
            (await admin.GetAsync(Prefix)).Text);
    }

    [Fact]
    public async Task A_url_that_is_refused_is_named()
    {
        _gateway.Services.CreateWebhook = (_, _) => throw Failure.InvalidField("url", "url must be an https address.").ToRpcException();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.PostAsync(Prefix, new { url = "http://10.0.0.1" })).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "url");
    }

    [Fact]
    public async Task Deliveries_are_listed_in_pages_tested_and_sent_again()
    {
        ListDeliveriesRequest? asked = null;
        _gateway.Services.ListDeliveries = (request, _) =>
        {
            asked = request;
            return new() { Deliveries = { Sent }, NextPageToken = "d1", Total = 3 };
        };
        _gateway.Services.TestWebhook = (id, _) => new(Sent) { WebhookId = id, LastStatus = 0 };
        _gateway.Services.Redeliver = (id, _) => id == "d1"
            ? Sent
            : throw new Failure(FailureKind.NotFound, "delivery_not_found", "There is no such delivery.").ToRpcException();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var page = await admin.GetAsync($"{Prefix}/w1/deliveries?page_size=2&page_token=d9");
        Assert.Equal($$"""{"deliveries":[{{SentJson}}],"next_page_token":"d1","total":3}""", page.Text);
        Assert.Equal(new ListDeliveriesRequest { WebhookId = "w1", PageSize = 2, PageToken = "d9" }, asked);
        (await admin.GetAsync($"{Prefix}/w1/deliveries?page_size=201")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "page_size");

        Assert.Equal(SentJson.Replace("\"last_status\":503,", "", StringComparison.Ordinal), (await admin.PostAsync($"{Prefix}/w1/test")).Text);
        Assert.Equal(SentJson, (await admin.PostAsync($"{Prefix}/deliveries/d1/redeliver")).Text);
        (await admin.PostAsync($"{Prefix}/deliveries/d2/redeliver")).AssertProblem(HttpStatusCode.NotFound, "delivery_not_found");
    }

    [Fact]
    public async Task A_new_secret_is_shown_once_and_a_repetition_rotates_no_second_time()
    {
        var rotated = new List<RotateSecretRequest>();
        _gateway.Services.RotateSecret = (request, _) =>
        {
            rotated.Add(request);
            return new() { Webhook = new(Stored) { PreviousSecretEndsAt = request.HasOverlapSeconds ? Time : null }, Secret = Secret };
        };
        _gateway.Services.ListWebhooks = _ => new() { Webhooks = { new Webhook(Stored) { PreviousSecretEndsAt = Time, Subjects = { "sync:1" } } } };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.PostAsync($"{Prefix}/w1/rotate-secret", new { overlap_seconds = 0 }, ("Idempotency-Key", "r1"));
        var again = await admin.PostAsync($"{Prefix}/w1/rotate-secret", new { overlap_seconds = 0 }, ("Idempotency-Key", "r1"));

        Assert.Equal($$"""{"id":"w1","secret":"{{Secret}}","previous_secret_ends_at":"2026-11-21T09:30:00Z"}""", answer.Text);
        again.AssertProblem(HttpStatusCode.Conflict, "idempotency_key_used");
        Assert.Equal(
            $$"""{"id":"w1","secret":"{{Secret}}"}""", (await admin.PostAsync($"{Prefix}/w1/rotate-secret", new { })).Text);
        Assert.Equal([new RotateSecretRequest { Id = "w1", OverlapSeconds = 0 }, new RotateSecretRequest { Id = "w1" }], rotated);
        var shown = (await admin.GetAsync(Prefix)).Json.GetProperty("webhooks")[0];
        Assert.Equal("2026-11-21T09:30:00Z sync:1", $"{shown.GetProperty("previous_secret_ends_at")} {shown.GetProperty("subjects")[0]}");
    }

    [Fact]
    public async Task What_can_be_told_is_listed_for_every_role()
    {
        _gateway.Services.ListEventTypes = _ => new()
        {
            EventTypes = { new EventType { Name = "campaigns.sync.finished", Description = "A sync has ended.", NeedsPerson = false } },
        };
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(
            """{"event_types":[{"name":"campaigns.sync.finished","description":"A sync has ended.","needs_person":false}]}""",
            (await viewer.GetAsync($"{Prefix}/event-types")).Text);
    }

    [Fact]
    public async Task A_webhook_is_deleted()
    {
        string? deleted = null;
        _gateway.Services.DeleteWebhook = (id, _) =>
        {
            deleted = id;
            return new();
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        Assert.Equal((HttpStatusCode.NoContent, "w1"), ((await admin.DeleteAsync($"{Prefix}/w1")).Status, deleted));
    }

    [Fact]
    public async Task Only_admins_have_to_do_with_webhooks()
    {
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");

        Assert.Equal(HttpStatusCode.Forbidden, (await operators.GetAsync(Prefix)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.PostAsync(Prefix, new { url = Url })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.DeleteAsync($"{Prefix}/w1")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.PostAsync($"{Prefix}/w1/rotate-secret", new { })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.PostAsync($"{Prefix}/w1/test")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.GetAsync($"{Prefix}/w1/deliveries")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await operators.PostAsync($"{Prefix}/deliveries/d1/redeliver")).Status);
    }
}
