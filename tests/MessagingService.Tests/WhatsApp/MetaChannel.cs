using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>A tenant's channel, to which Meta tells what it signs.</summary>
internal sealed class MetaChannel(MessagingWorld world, MessagingTenant tenant, string id)
{
    private const string AppSecret = "fake-app-secret-of-a-channel";

    public MessagingTenant Tenant => tenant;

    public static async Task<MetaChannel> OpenAsync(MessagingWorld world)
    {
        var tenant = await world.TenantAsync();
        var made = await world.Host.Channels.CreateChannelAsync(new() { Name = "Orders", AppSecret = AppSecret }, tenant.As(Role.Admin));
        return new MetaChannel(world, tenant, made.Channel.Id);
    }

    /// <summary>As Meta writes them before the messages; without any each message says itself whose it is.</summary>
    public string Contacts { get; set; } = "";

    /// <summary>Each is a message as Meta writes it.</summary>
    public Task<ReceiveWebhookResponse> TellAsync(params string[] messages) => SendAsync($$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
        "metadata":{"display_phone_number":"15550001234","phone_number_id":"800000000000002"},"contacts":[{{Contacts}}],"messages":[{{string.Join(',', messages)}}]} }]}]}
        """);

    /// <summary>Each is a message that the business has written in the WhatsApp Business app.</summary>
    public Task<ReceiveWebhookResponse> EchoAsync(params string[] messages) => SendAsync($$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"smb_message_echoes","value":{"messaging_product":"whatsapp",
        "metadata":{"display_phone_number":"15550001234","phone_number_id":"800000000000002"},"message_echoes":[{{string.Join(',', messages)}}]} }]}]}
        """);

    /// <summary>The message with this id.</summary>
    public async Task<Message> MessageAsync(string externalId) =>
        Assert.Single((await world.Host.Messages.ListMessagesAsync(new() { ExternalId = externalId }, tenant.As(Role.Viewer))).Messages);

    /// <summary>The conversation of the message with this id.</summary>
    public async Task<Conversation> ConversationAsync(string externalId) =>
        await tenant.ConversationAsync((await MessageAsync(externalId)).ConversationId);

    private async Task<ReceiveWebhookResponse> SendAsync(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return await world.Host.WhatsApp.ReceiveWebhookAsync(
            new ReceiveWebhookRequest
            {
                ChannelId = id,
                Body = ByteString.CopyFrom(bytes),
                Signature = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AppSecret), bytes))}",
            },
            TestTickets.OwnOf("gateway", TenantId.None, "messaging", world.Clock));
    }
}
