using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.ProviderHooks;

/// <summary>What providers tell by themselves. It is passed on as it came to the service that knows what it means.</summary>
internal static class ProviderHooksArea
{
    private const string Crm = "crm";
    private const string Messaging = "messaging";

    /// <summary>What a provider is answered that wants to hear nothing but that it was taken: <c>{}</c>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Noted = new Dictionary<string, string>(StringComparer.Ordinal);

    extension(IHostApplicationBuilder builder)
    {
        public void AddProviderHooksArea()
        {
            // noted twice is noted
            builder.AddAreaClient<Notifications.NotificationsClient>(Crm, repeatable: ["Receive"]);
            builder.AddAreaClient<WhatsAppWebhooks.WhatsAppWebhooksClient>(Messaging, repeatable: ["VerifyAddress", "ReceiveWebhook"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProviderHooksArea()
        {
            routes.MapGroup("").Needs(Crm).MapZohoCrmHook();
            routes.MapGroup("").Needs(Messaging).MapWhatsAppHook();
        }
    }
}
