using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.Gateway.Messaging;

internal static class MessageMapping
{
    extension(NewMessage body)
    {
        /// <param name="path">Where it stands in the body, for what is said of a field: <c>messages[3].</c>, or nothing.</param>
        public Result<Contract.NewMessage> ToContract(string path)
        {
            // one that nobody knows is not one that was not said
            if (body.Direction is MessageDirection.Unknown)
            {
                return Failure.InvalidField($"{path}direction", $"{path}direction must be one of inbound, outbound, campaign.");
            }

            if (body.Status is DeliveryStatus.Unknown)
            {
                return Failure.InvalidField($"{path}status", $"{path}status must be one of queued, sent, delivered, read, played, failed.");
            }

            if (body.Content is { ValueKind: not JsonValueKind.Object })
            {
                return Failure.InvalidField($"{path}content", $"{path}content must be a JSON object.");
            }

            if (body.Content is { } content && !Utf8.IsValid(JsonMarshal.GetRawUtf8Value(content)))
            {
                return Failure.InvalidField($"{path}content", $"{path}content must be UTF-8, as JSON is.");
            }

            return new Contract.NewMessage
            {
                ExternalId = body.ExternalId,
                Direction = body.Direction.As<Contract.MessageDirection>(),
                Phone = body.Phone ?? "",
                UserId = body.UserId ?? "",
                Name = body.Name ?? "",
                Type = body.Type ?? "",
                Text = body.Text ?? "",
                SentAt = body.SentAt is { } sent ? Timestamp.FromDateTimeOffset(sent) : null,
                Status = (body.Status ?? DeliveryStatus.Unknown).As<Contract.DeliveryStatus>(),
                Source = body.Source ?? "",
                Campaign = body.Campaign ?? "",
                Content = body.Content?.GetRawText() ?? "",
            };
        }
    }

    extension(Contract.StoredMessage stored)
    {
        public StoredMessage ToApi() => new(stored.ExternalId, stored.Outcome.As<MessageOutcome>())
        {
            Id = OrNull(stored.Id),
            ConversationId = OrNull(stored.ConversationId),
            Code = OrNull(stored.Code),
            Field = OrNull(stored.Field),
            Message = OrNull(stored.Message),
        };
    }

    extension(Contract.Message message)
    {
        public ConversationMessage ToApi() => new(
            message.Id,
            message.ExternalId,
            message.ConversationId,
            message.Source,
            message.Direction.As<MessageDirection>(),
            message.Type,
            message.SentAt.ToDateTimeOffset(),
            message.ReceivedAt.ToDateTimeOffset(),
            message.SyncState.As<MessageSyncState>(),
            message.Attempts,
            message.Position)
        {
            ChannelId = OrNull(message.ChannelId),
            Text = OrNull(message.Text),
            Campaign = OrNull(message.Campaign),
            Status = message.Status is Contract.DeliveryStatus.Unspecified ? null : message.Status.As<DeliveryStatus>(),
            StatusAt = Time(message.StatusAt),
            ErrorCode = OrNull(message.ErrorCode),
            ErrorMessage = OrNull(message.ErrorMessage),
            Code = OrNull(message.Code),
            Message = OrNull(message.Message_),
            NextAttemptAt = Time(message.NextAttemptAt),
            CrmModule = OrNull(message.CrmModule),
            CrmRecordId = OrNull(message.CrmRecordId),
            SyncedAt = Time(message.SyncedAt),
        };
    }

    extension(Contract.ListMessagesResponse page)
    {
        public MessagePage ToApi() => new([.. page.Messages.Select(message => message.ToApi())], OrNull(page.NextPageToken));
    }
}
