using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.ServiceDefaults.Identity;
using CampaignsV1 = ZohoPlatform.Contracts.Campaigns.V1;
using CrmV1 = ZohoPlatform.Contracts.Crm.V1;
using MessagingV1 = ZohoPlatform.Contracts.Messaging.V1;
using TokensV1 = ZohoPlatform.Contracts.Tokens.V1;
using WebhooksV1 = ZohoPlatform.Contracts.Webhooks.V1;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>REST's enums are mapped by name: a value that only one side has would be told as unknown.</summary>
public sealed class ApiEnumTests
{
    [Theory]
    [InlineData(typeof(ContactStatus), typeof(CampaignsV1.RegistrationStatus))]
    [InlineData(typeof(SubscriberStatus), typeof(CampaignsV1.SubscriberStatus))]
    [InlineData(typeof(RecipientAction), typeof(CampaignsV1.RecipientAction))]
    [InlineData(typeof(SyncState), typeof(CampaignsV1.SyncState))]
    [InlineData(typeof(SyncOutcome), typeof(CampaignsV1.SyncContactOutcome))]
    [InlineData(typeof(ConnectionState), typeof(TokensV1.ConnectionState))]
    [InlineData(typeof(FindingStatus), typeof(TokensV1.FindingStatus))]
    [InlineData(typeof(FeedState), typeof(CrmV1.Feed.Types.State))]
    [InlineData(typeof(FeedRunKind), typeof(CrmV1.FeedRunKind))]
    [InlineData(typeof(MessageDirection), typeof(MessagingV1.MessageDirection))]
    [InlineData(typeof(DeliveryStatus), typeof(MessagingV1.DeliveryStatus))]
    [InlineData(typeof(MessageSyncState), typeof(MessagingV1.SyncState))]
    [InlineData(typeof(MessageOutcome), typeof(MessagingV1.StoredMessage.Types.Outcome))]
    [InlineData(typeof(ConversationCrmState), typeof(MessagingV1.Conversation.Types.CrmState))]
    [InlineData(typeof(WebhookDeliveryState), typeof(WebhooksV1.WebhookDeliveryState))]
    public void An_enum_has_the_values_of_its_contract(Type rest, Type contract)
    {
        Assert.Equal("Unknown", Enum.GetName(rest, 0));
        Assert.Equal("Unspecified", Enum.GetName(contract, 0));
        Assert.Equal(Enum.GetNames(contract).Skip(1), Enum.GetNames(rest).Skip(1));
    }

    [Fact]
    public void A_key_has_every_role_but_a_services() =>
        Assert.Equal(Enum.GetNames<Role>().Except([nameof(Role.Service)]), Enum.GetNames<KeyRole>().Skip(1));
}
