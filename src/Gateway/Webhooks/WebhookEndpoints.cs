using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using RotateSecretRequest = ZohoPlatform.Contracts.Webhooks.V1.RotateSecretRequest;
using WebhooksClient = ZohoPlatform.Contracts.Webhooks.V1.Webhooks.WebhooksClient;

namespace ZohoPlatform.Gateway.Webhooks;

internal static class WebhookEndpoints
{
    private const string Prefix = "/api/v1/webhooks";
    private const int MaxPage = 200;

    // a receiver has ten seconds to answer
    private static readonly TimeSpan TestLimit = TimeSpan.FromSeconds(20);

    private static readonly DateTimeOffset ExampleTime = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly Webhook Example = new(
        "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061",
        "https://hooks.example.com/zoho",
        ["connection.grant_revoked", "connection.scopes_missing"],
        [],
        ExampleTime,
        null,
        null,
        null,
        null);

    private static readonly WebhookDelivery ExampleDelivery = new(
        "0193a2b4-9b22-7d43-8ea1-6f7081920314",
        Example.Id,
        "0193a2b4-9b21-7a10-8c55-0a1b2c3d4e5f",
        "connection.grant_revoked",
        WebhookDeliveryState.Pending,
        2,
        ExampleTime,
        ExampleTime.AddMinutes(1),
        503,
        "The receiver answered 503.",
        ExampleTime.AddMinutes(3));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapWebhooks()
        {
            var group = routes.MapGroup(Prefix).WithTags("Webhooks").RequireAuthorization(Policies.Admin);

            group.MapPost("/", Create)
                .Describe(
                    "createWebhook",
                    "Be told what has happened",
                    "Every event is a POST of {id, type, occurred_at, subject, data} with webhook-id, webhook-timestamp and webhook-signature "
                        + "(Standard Webhooks): `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, with the bytes behind `whsec_` as key; "
                        + "several with spaces between them while a secret is replaced, of which one must fit. "
                        + "Answer 2xx within ten seconds; else it comes again with the same id, for more than a day. The answer holds the "
                        + "secret, this once. Role needed: admin.",
                    new NewWebhook(Example.Url) { EventTypes = Example.EventTypes },
                    new CreatedWebhook(
                        Example.Id, Example.Url, Example.EventTypes, [], ExampleTime, "whsec_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample1="))
                .Fails(409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapGet("/", List)
                .Describe(
                    "listWebhooks",
                    "List the tenant's webhooks",
                    "Oldest first, never with their secrets. Role needed: admin.",
                    response: new WebhookList([Example], null, 1));
            group.MapGet("/{id}", Get)
                .Describe("getWebhook", "One of the tenant's webhooks", "Never with its secret. Role needed: admin.", response: Example)
                .Fails(404);
            group.MapPatch("/{id}", Change)
                .Describe(
                    "changeWebhook",
                    "Change a webhook",
                    "What is absent stays; null is as empty: anything for subjects, refused for the others. What is still to be delivered goes to a new address, too. Role needed: admin.",
                    new WebhookChange { EventTypes = Example.EventTypes },
                    Example)
                .Fails(404, 413, 415);
            group.MapDelete("/{id}", Delete)
                .Describe("deleteWebhook", "Delete a webhook", "With what is still to be delivered. Role needed: admin.")
                .Fails(404);
            group.MapPost("/{id}/rotate-secret", RotateSecret)
                .Describe(
                    "rotateWebhookSecret",
                    "Give a webhook a new secret",
                    "Until the old one ends, every delivery carries a signature of each: put the new one into the receiver within that time. The answer "
                        + "holds it, this once. Role needed: admin.",
                    new SecretRotation { OverlapSeconds = 3600 },
                    new RotatedSecret(Example.Id, "whsec_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample2=", ExampleTime.AddHours(1)))
                .Fails(404, 409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapPost("/{id}/test", Test)
                .Describe(
                    "testWebhook",
                    "Send a webhook a test",
                    "Once, and waits for the receiver's answer. A disabled webhook that takes it is enabled again. Role needed: admin.",
                    response: ExampleDelivery with { EventType = "webhook.test", State = WebhookDeliveryState.Failed, Attempts = 1, NextAttemptAt = null })
                .Fails(404, 409, 422)
                .MayTake(TestLimit);
            group.MapGet("/{id}/deliveries", Deliveries)
                .Describe(
                    "listDeliveries",
                    "What was sent to a webhook, newest first",
                    "Kept for 30 days after it ended. Role needed: admin.",
                    response: new WebhookDeliveryPage([ExampleDelivery], ExampleDelivery.Id, 214))
                .Fails(404);
            group.MapPost("/deliveries/{id}/redeliver", Redeliver)
                .Describe(
                    "redeliver",
                    "Send an event again",
                    "From now on, with the id that it had and as many attempts as a new one. Role needed: admin.",
                    response: ExampleDelivery)
                .Fails(404, 409, 422);

            routes.MapGroup(Prefix).WithTags("Webhooks").RequireAuthorization(Policies.Viewer)
                .MapGet("/event-types", ListEventTypes)
                .Describe(
                    "listEventTypes",
                    "List what webhooks can be told of",
                    "A webhook that names no types is told of those that need a person. Role needed: viewer.",
                    response: new WebhookEventTypeList(
                        [new("connection.grant_revoked", "The grant of a connection was taken back at the provider.", true)]));
        }
    }

    private static async Task<Created<CreatedWebhook>> Create(NewWebhook body, ServiceCall call, WebhooksClient webhooks)
    {
        var created = (await webhooks.CreateWebhookAsync(body.ToContract(), call.Options)).ToApi();
        return TypedResults.Created($"{Prefix}/{created.Id}", created);
    }

    private static async Task<Results<Ok<WebhookList>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        WebhooksClient webhooks)
    {
        var all = (await webhooks.ListWebhooksAsync(new(), call.Options)).Webhooks;
        return BoundedPages.Of(all, pageSize, pageToken, webhook => webhook.Id).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new WebhookList([.. page.Page.Select(webhook => webhook.ToApi())], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Ok<Webhook>> Get(string id, ServiceCall call, WebhooksClient webhooks) =>
        TypedResults.Ok((await webhooks.GetWebhookAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Webhook>> Change(string id, WebhookChange body, ServiceCall call, WebhooksClient webhooks) =>
        TypedResults.Ok((await webhooks.UpdateWebhookAsync(body.ToContract(id), call.Options)).ToApi());

    private static async Task<NoContent> Delete(string id, ServiceCall call, WebhooksClient webhooks)
    {
        await webhooks.DeleteWebhookAsync(new() { Id = id }, call.Options);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<RotatedSecret>> RotateSecret(string id, SecretRotation body, ServiceCall call, WebhooksClient webhooks)
    {
        var request = new RotateSecretRequest { Id = id };
        if (body.OverlapSeconds is { } overlap)
        {
            request.OverlapSeconds = overlap;
        }

        return TypedResults.Ok((await webhooks.RotateSecretAsync(request, call.Options)).ToApi());
    }

    private static async Task<Ok<WebhookEventTypeList>> ListEventTypes(ServiceCall call, WebhooksClient webhooks) =>
        TypedResults.Ok((await webhooks.ListEventTypesAsync(new(), call.Options)).ToApi());

    private static async Task<Ok<WebhookDelivery>> Test(string id, ServiceCall call, WebhooksClient webhooks) =>
        TypedResults.Ok((await webhooks.TestWebhookAsync(new() { Id = id }, call.Within(TestLimit))).ToApi());

    private static async Task<Results<Ok<WebhookDeliveryPage>, ProblemResult>> Deliveries(
        string id,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        WebhooksClient webhooks)
    {
        if (!QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out var failure))
        {
            return (ProblemResult)failure;
        }

        var page = await webhooks.ListDeliveriesAsync(new() { WebhookId = id, PageSize = size, PageToken = pageToken ?? "" }, call.Options);
        return TypedResults.Ok(new WebhookDeliveryPage(
            [.. page.Deliveries.Select(delivery => delivery.ToApi())], ContractValues.OrNull(page.NextPageToken), page.Total));
    }

    private static async Task<Ok<WebhookDelivery>> Redeliver(string id, ServiceCall call, WebhooksClient webhooks) =>
        TypedResults.Ok((await webhooks.RedeliverAsync(new() { DeliveryId = id }, call.Options)).ToApi());
}
