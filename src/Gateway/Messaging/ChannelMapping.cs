using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Rest;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.Gateway.Messaging;

internal static class ChannelMapping
{
    extension(NewMessagingChannel body)
    {
        public Contract.CreateChannelRequest ToContract() =>
            new() { Name = body.Name, AppSecret = body.AppSecret ?? "", PhoneNumberId = body.PhoneNumberId ?? "" };
    }

    extension(MessagingChannelChange body)
    {
        public Contract.UpdateChannelRequest ToContract(string id, string etag)
        {
            var request = new Contract.UpdateChannelRequest { Id = id, Etag = etag };
            if (body.Name is not null)
            {
                request.Name = body.Name;
            }

            if (body.AppSecret is not null)
            {
                request.AppSecret = body.AppSecret;
            }

            if (body.PhoneNumberId is not null)
            {
                request.PhoneNumberId = body.PhoneNumberId;
            }

            return request;
        }
    }

    extension(Contract.Channel channel)
    {
        public MessagingChannel ToApi(GatewayOptions gateway) => new(
            channel.Id,
            channel.Name,
            gateway.Address($"/webhooks/whatsapp/{Uri.EscapeDataString(channel.Id)}").AbsoluteUri,
            channel.VerifyToken,
            channel.CreatedAt.ToDateTimeOffset(),
            channel.UpdatedAt.ToDateTimeOffset(),
            channel.Etag)
        {
            AppSecret = OrNull(channel.AppSecret),
            PhoneNumberId = OrNull(channel.PhoneNumberId),
            ReceivedAt = Time(channel.ReceivedAt),
            VerifiedAt = Time(channel.VerifiedAt),
        };
    }

    extension(Contract.ChannelWithToken made)
    {
        public MessagingChannel ToApi(GatewayOptions gateway) => made.Channel.ToApi(gateway) with { VerifyToken = made.VerifyToken };
    }
}
