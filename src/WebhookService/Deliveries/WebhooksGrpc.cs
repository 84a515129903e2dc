using Grpc.Core;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Subscriptions;

namespace ZohoPlatform.WebhookService.Deliveries;

internal sealed class WebhooksGrpc(WebhookStore webhooks, DeliveryStore deliveries) : Webhooks.WebhooksBase
{
    private const int UsualPage = 50;
    private const int LargestPage = 200;

    public override async Task<CreateWebhookResponse> CreateWebhook(CreateWebhookRequest request, ServerCallContext context) =>
        (await webhooks.CreateAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) => new()
    {
        Webhooks = { await webhooks.ListAsync(context.CallerWith(Role.Admin).Tenant, context.CancellationToken) },
    };

    public override async Task<Webhook> GetWebhook(GetWebhookRequest request, ServerCallContext context) => (await webhooks.GetAsync(
        context.CallerWith(Role.Admin).Tenant, Parse(request.Id, WebhookFailures.NotFound), context.CancellationToken)).OrThrow();

    public override async Task<Webhook> UpdateWebhook(UpdateWebhookRequest request, ServerCallContext context) => (await webhooks.UpdateAsync(
        context.CallerWith(Role.Admin), Parse(request.Id, WebhookFailures.NotFound), request, context.CancellationToken)).OrThrow();

    public override async Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        return await webhooks.DeleteAsync(caller, Parse(request.Id, WebhookFailures.NotFound), context.CancellationToken) is { } failure
            ? throw failure.ToRpcException()
            : new DeleteWebhookResponse();
    }

    public override async Task<RotateSecretResponse> RotateSecret(RotateSecretRequest request, ServerCallContext context) =>
        (await webhooks.RotateAsync(
            context.CallerWith(Role.Admin),
            Parse(request.Id, WebhookFailures.NotFound),
            request.HasOverlapSeconds ? TimeSpan.FromSeconds(request.OverlapSeconds) : null,
            context.CancellationToken)).OrThrow();

    public override async Task<WebhookDelivery> TestWebhook(TestWebhookRequest request, ServerCallContext context) =>
        (await deliveries.TestAsync(
            context.CallerWith(Role.Admin), Parse(request.Id, WebhookFailures.NotFound), context.CancellationToken)).OrThrow();

    public override async Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Admin).Tenant;
        var page = PageRequest.Of(request.PageSize, request.PageToken, UsualPage, LargestPage);
        var found = (await deliveries.ListAsync(
            tenant,
            Parse(request.WebhookId, WebhookFailures.NotFound),
            page.AfterId,
            page.ToRead,
            context.CancellationToken)).OrThrow();
        return new ListDeliveriesResponse
        {
            Deliveries = { page.Take(found.Page) },
            Total = found.Total,
            NextPageToken = page.Next(found.Page, delivery => PageRequest.TokenOf(Guid.Parse(delivery.Id))),
        };
    }

    public override async Task<WebhookDelivery> Redeliver(RedeliverRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Admin).Tenant;
        return (await deliveries.RedeliverAsync(
            tenant, Parse(request.DeliveryId, WebhookFailures.DeliveryNotFound), context.CancellationToken)).OrThrow();
    }

    public override Task<ListEventTypesResponse> ListEventTypes(ListEventTypesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListEventTypesResponse
        {
            EventTypes =
            {
                EventCatalogue.All.Select(type => new Contracts.Webhooks.V1.EventType
                {
                    Name = type.Name,
                    Description = type.Description,
                    NeedsPerson = type.NeedsPerson,
                }),
            },
        });

    private static Guid Parse(string id, Failure unknown) =>
        Guid.TryParseExact(id, "D", out var parsed) ? parsed : throw unknown.ToRpcException();
}
