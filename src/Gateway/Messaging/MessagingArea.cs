using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Messaging;

/// <summary>Conversations, their messages and the channels through which these come in: MessagingService's.</summary>
internal static class MessagingArea
{
    private const string Service = "messaging";

    extension(IHostApplicationBuilder builder)
    {
        public void AddMessagingArea()
        {
            builder.AddAreaClient<Messages.MessagesClient>(Service, repeatable: ["GetMessage", "ListMessages", "WatchMessages"]);
            builder.AddAreaClient<Conversations.ConversationsClient>(
                Service, repeatable: ["ListConversations", "GetConversation", "GetLink", "OpenLink"]);
            builder.AddAreaClient<MessagingChannels.MessagingChannelsClient>(Service, repeatable: ["ListChannels", "GetChannel"]);
            builder.AddAreaClient<MessagingSettingsStore.MessagingSettingsStoreClient>(Service, repeatable: ["GetSettings"]);
            builder.AddAreaClient<MessagingCheck.MessagingCheckClient>(Service, repeatable: ["Check"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMessagingArea()
        {
            var messaging = routes.MapApi().Needs(Service);
            messaging.MapMessages();
            messaging.MapMessageEvents();
            messaging.MapConversations();
            messaging.MapChannels();
            routes.MapGroup("").Needs(Service).MapOpenLink();
            routes.MapOpenInZohoScript();
        }
    }
}
