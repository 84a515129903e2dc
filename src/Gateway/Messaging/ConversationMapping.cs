using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Rest;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.Gateway.Messaging;

internal static class ConversationMapping
{
    extension(Contract.Conversation conversation)
    {
        public Conversation ToApi() => new(
            conversation.Id,
            conversation.Messages,
            conversation.Unread,
            conversation.Waiting,
            conversation.Failed,
            conversation.CrmState.As<ConversationCrmState>(),
            conversation.CreatedAt.ToDateTimeOffset(),
            conversation.UpdatedAt.ToDateTimeOffset())
        {
            Phone = OrNull(conversation.Phone),
            UserId = OrNull(conversation.UserId),
            Name = OrNull(conversation.Name),
            LastMessageAt = Time(conversation.LastMessageAt),
            LastText = OrNull(conversation.LastText),
            CrmModule = OrNull(conversation.CrmModule),
            CrmRecordId = OrNull(conversation.CrmRecordId),
            Code = OrNull(conversation.Code),
            Message = OrNull(conversation.Message),
        };
    }

    extension(Contract.ConversationLink link)
    {
        public ConversationLink ToApi(GatewayOptions gateway) => new(
            link.ConversationId,
            link.Url,
            gateway.Address(OpenLinkEndpoint.PathOf(link.Token)).AbsoluteUri,
            link.CrmModule,
            link.CrmRecordId)
        {
            MessagesUrl = OrNull(link.MessagesUrl),
            LeadMessagesUrl = OrNull(link.LeadMessagesUrl),
        };
    }
}
