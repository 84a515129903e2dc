using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>The Notifications contract.</summary>
internal sealed class NotificationsGrpc(ChannelStore channels) : Wire.Notifications.NotificationsBase
{
    private const int MostBytes = 256 * 1024;

    // the same whichever of the two is wrong: nobody tries them one by one
    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "channel_not_found", "There is no such notification channel, or the notification does not have its token.");

    private static readonly Failure Unreadable = Failure.InvalidField(
        "body", "body must be a notification of Zoho CRM: a JSON object with module, ids and token, at most 256 KB.");

    public override async Task<Wire.ReceiveResponse> Receive(Wire.ReceiveRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        if (request.Body.Length > MostBytes || Notification.Read(request.Body.Memory) is not { } notification)
        {
            throw Unreadable.ToRpcException();
        }

        return Guid.TryParse(request.ChannelId, out var id) && await channels.NoteAsync(id, notification, context.CancellationToken)
            ? new Wire.ReceiveResponse()
            : throw NotFound.ToRpcException();
    }
}
