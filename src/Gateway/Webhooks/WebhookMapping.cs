using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Gateway.Rest;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Webhooks.V1;

namespace ZohoPlatform.Gateway.Webhooks;

internal static class WebhookMapping
{
    extension(NewWebhook body)
    {
        public Contract.CreateWebhookRequest ToContract() =>
            new() { Url = body.Url ?? "", EventTypes = { body.EventTypes ?? [] }, Subjects = { body.Subjects ?? [] } };
    }

    extension(WebhookChange body)
    {
        public Contract.UpdateWebhookRequest ToContract(string id)
        {
            var request = new Contract.UpdateWebhookRequest
            {
                Id = id,
                EventTypes = body.EventTypes is { } types ? new() { Names_ = { types } } : null,
                Subjects = body.Subjects is { } subjects ? new() { Names_ = { subjects } } : null,
            };
            if (body.Url is not null)
            {
                request.Url = body.Url;
            }

            return request;
        }
    }

    extension(Contract.Webhook webhook)
    {
        public Webhook ToApi() => new(
            webhook.Id,
            webhook.Url,
            webhook.EventTypes,
            webhook.Subjects,
            webhook.CreatedAt.ToDateTimeOffset(),
            Time(webhook.FirstFailedAt),
            Time(webhook.DisabledAt),
            OrNull(webhook.DisabledReason),
            Time(webhook.PreviousSecretEndsAt));
    }

    extension(Contract.CreateWebhookResponse answer)
    {
        public CreatedWebhook ToApi() => new(
            answer.Webhook.Id,
            answer.Webhook.Url,
            answer.Webhook.EventTypes,
            answer.Webhook.Subjects,
            answer.Webhook.CreatedAt.ToDateTimeOffset(),
            answer.Secret);
    }

    extension(Contract.RotateSecretResponse answer)
    {
        public RotatedSecret ToApi() => new(answer.Webhook.Id, answer.Secret, Time(answer.Webhook.PreviousSecretEndsAt));
    }

    extension(Contract.ListEventTypesResponse answer)
    {
        public WebhookEventTypeList ToApi() =>
            new([.. answer.EventTypes.Select(type => new WebhookEventType(type.Name, type.Description, type.NeedsPerson))]);
    }

    extension(Contract.WebhookDelivery delivery)
    {
        public WebhookDelivery ToApi() => new(
            delivery.Id,
            delivery.WebhookId,
            delivery.EventId,
            delivery.EventType,
            delivery.State.As<WebhookDeliveryState>(),
            delivery.Attempts,
            delivery.CreatedAt.ToDateTimeOffset(),
            Time(delivery.LastAttemptAt),
            delivery.LastStatus == 0 ? null : delivery.LastStatus,
            OrNull(delivery.LastError),
            Time(delivery.NextAttemptAt));
    }
}
