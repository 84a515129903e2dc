using Grpc.Core;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>What MessagingService answers: each method is told what it was asked.</summary>
internal sealed class ScriptedMessaging
{
    public Func<SubmitMessagesRequest, Caller, SubmitMessagesResponse>? SubmitMessages { get; set; }

    public Func<ListMessagesRequest, Caller, ListMessagesResponse>? ListMessages { get; set; }

    /// <summary>Any method that answers a message.</summary>
    public Func<object, Caller, Message>? OneMessage { get; set; }

    public Func<RetryMessagesRequest, RetryMessagesResponse>? RetryMessages { get; set; }

    public Func<DiscardMessagesRequest, DiscardMessagesResponse>? DiscardMessages { get; set; }

    public Func<WatchMessagesRequest, IServerStreamWriter<MessageEvents>, ServerCallContext, Task>? WatchMessages { get; set; }

    public Func<ListConversationsRequest, Caller, ListConversationsResponse>? ListConversations { get; set; }

    /// <summary>Any method that answers a conversation.</summary>
    public Func<object, Caller, Conversation>? OneConversation { get; set; }

    public Func<GetLinkRequest, Caller, ConversationLink>? GetLink { get; set; }

    public Func<OpenLinkRequest, Caller, OpenLinkResponse>? OpenLink { get; set; }

    public Func<Caller, ListChannelsResponse>? ListChannels { get; set; }

    /// <summary>Any method that answers a channel without its token.</summary>
    public Func<object, Caller, Channel>? OneChannel { get; set; }

    /// <summary>Any method that answers a channel with its token.</summary>
    public Func<object, Caller, ChannelWithToken>? ChannelWithToken { get; set; }

    public Action<string, Caller>? DeleteChannel { get; set; }

    public Func<VerifyAddressRequest, Caller, VerifyAddressResponse>? VerifyAddress { get; set; }

    public Func<ReceiveWebhookRequest, Caller, Task>? ReceiveWebhook { get; set; }

    public Func<Caller, MessagingSettings>? GetSettings { get; set; }

    public Func<UpdateMessagingSettingsRequest, Caller, MessagingSettings>? UpdateSettings { get; set; }

    public Action<Caller>? RotateLinkKey { get; set; }

    public Func<Caller, CheckMessagingResponse>? Check { get; set; }
}

internal sealed class MessagesScript(ScriptedServices services) : Messages.MessagesBase
{
    private readonly ScriptedMessaging _script = services.Messaging;

    public override Task<SubmitMessagesResponse> SubmitMessages(SubmitMessagesRequest request, ServerCallContext context) =>
        Task.FromResult((_script.SubmitMessages ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListMessages ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<Message> GetMessage(GetMessageRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Message> ResendMessage(ResendMessageRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Message> DiscardMessage(DiscardMessageRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<RetryMessagesResponse> RetryMessages(RetryMessagesRequest request, ServerCallContext context) =>
        Task.FromResult((_script.RetryMessages ?? throw ScriptedServices.NotSaid())(request));

    public override Task<DiscardMessagesResponse> DiscardMessages(DiscardMessagesRequest request, ServerCallContext context) =>
        Task.FromResult((_script.DiscardMessages ?? throw ScriptedServices.NotSaid())(request));

    // through the door alone, whose tests know how streams go through it
    public override Task StreamMessages(
        IAsyncStreamReader<NewMessage> requestStream, IServerStreamWriter<StoredMessage> responseStream, ServerCallContext context) =>
        throw ScriptedServices.NotSaid();

    public override Task WatchMessages(WatchMessagesRequest request, IServerStreamWriter<MessageEvents> responseStream, ServerCallContext context) =>
        (_script.WatchMessages ?? throw ScriptedServices.NotSaid())(request, responseStream, context);

    private Task<Message> AnswerAsync(object request, ServerCallContext context) =>
        Task.FromResult((_script.OneMessage ?? throw ScriptedServices.NotSaid())(request, context.Caller));
}

internal sealed class ConversationsScript(ScriptedServices services) : Conversations.ConversationsBase
{
    private readonly ScriptedMessaging _script = services.Messaging;

    public override Task<ListConversationsResponse> ListConversations(ListConversationsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListConversations ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<Conversation> GetConversation(GetConversationRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Conversation> MarkRead(MarkReadRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<ConversationLink> GetLink(GetLinkRequest request, ServerCallContext context) =>
        Task.FromResult((_script.GetLink ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<OpenLinkResponse> OpenLink(OpenLinkRequest request, ServerCallContext context) =>
        Task.FromResult((_script.OpenLink ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    private Task<Conversation> AnswerAsync(object request, ServerCallContext context) =>
        Task.FromResult((_script.OneConversation ?? throw ScriptedServices.NotSaid())(request, context.Caller));
}

internal sealed class MessagingChannelsScript(ScriptedServices services) : MessagingChannels.MessagingChannelsBase
{
    private readonly ScriptedMessaging _script = services.Messaging;

    public override Task<ListChannelsResponse> ListChannels(ListChannelsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListChannels ?? throw ScriptedServices.NotSaid())(context.Caller));

    public override Task<Channel> GetChannel(GetChannelRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<Channel> UpdateChannel(UpdateChannelRequest request, ServerCallContext context) => AnswerAsync(request, context);

    public override Task<ChannelWithToken> CreateChannel(CreateChannelRequest request, ServerCallContext context) => TokenAsync(request, context);

    public override Task<ChannelWithToken> RotateChannel(RotateChannelRequest request, ServerCallContext context) => TokenAsync(request, context);

    public override Task<DeleteChannelResponse> DeleteChannel(DeleteChannelRequest request, ServerCallContext context)
    {
        (_script.DeleteChannel ?? throw ScriptedServices.NotSaid())(request.Id, context.Caller);
        return Task.FromResult(new DeleteChannelResponse());
    }

    private Task<Channel> AnswerAsync(object request, ServerCallContext context) =>
        Task.FromResult((_script.OneChannel ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    private Task<ChannelWithToken> TokenAsync(object request, ServerCallContext context) =>
        Task.FromResult((_script.ChannelWithToken ?? throw ScriptedServices.NotSaid())(request, context.Caller));
}

internal sealed class WhatsAppWebhooksScript(ScriptedServices services) : WhatsAppWebhooks.WhatsAppWebhooksBase
{
    public override Task<VerifyAddressResponse> VerifyAddress(VerifyAddressRequest request, ServerCallContext context) =>
        Task.FromResult((services.Messaging.VerifyAddress ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override async Task<ReceiveWebhookResponse> ReceiveWebhook(ReceiveWebhookRequest request, ServerCallContext context)
    {
        await (services.Messaging.ReceiveWebhook ?? throw ScriptedServices.NotSaid())(request, context.Caller);
        return new ReceiveWebhookResponse { Messages = 1 };
    }
}

internal sealed class MessagingSettingsScript(ScriptedServices services) : MessagingSettingsStore.MessagingSettingsStoreBase
{
    public override Task<MessagingSettings> GetSettings(GetMessagingSettingsRequest request, ServerCallContext context) =>
        Task.FromResult((services.Messaging.GetSettings ?? throw ScriptedServices.NotSaid())(context.Caller));

    public override Task<MessagingSettings> UpdateSettings(UpdateMessagingSettingsRequest request, ServerCallContext context) =>
        Task.FromResult((services.Messaging.UpdateSettings ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<RotateLinkKeyResponse> RotateLinkKey(RotateLinkKeyRequest request, ServerCallContext context)
    {
        (services.Messaging.RotateLinkKey ?? throw ScriptedServices.NotSaid())(context.Caller);
        return Task.FromResult(new RotateLinkKeyResponse());
    }
}

internal sealed class MessagingCheckScript(ScriptedServices services) : MessagingCheck.MessagingCheckBase
{
    public override Task<CheckMessagingResponse> Check(CheckMessagingRequest request, ServerCallContext context) =>
        Task.FromResult((services.Messaging.Check ?? throw ScriptedServices.NotSaid())(context.Caller));
}
