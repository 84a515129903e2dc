using System.Text.Json.Serialization;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Api.Tenants;
using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Cli.Audit;
using ZohoPlatform.Cli.Campaigns.Syncs;
using ZohoPlatform.Cli.Connect;
using ZohoPlatform.Cli.Doctor;
using ZohoPlatform.Cli.Keys;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Messaging;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Cli.Webhooks;

namespace ZohoPlatform.Cli;

/// <summary>What goes out with --json, spelled as the gateway spells it, and the file of credentials.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcceptedContact))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(AuditLine))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(CampaignReport))]
[JsonSerializable(typeof(ConnectEvent))]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(ConnectionTest))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(ConversationLink))]
[JsonSerializable(typeof(ConversationMessage))]
[JsonSerializable(typeof(Deleted))]
[JsonSerializable(typeof(Diagnosis))]
[JsonSerializable(typeof(DiscardedMessages))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(Feed))]
[JsonSerializable(typeof(ForgottenContact))]
[JsonSerializable(typeof(HubSpotSettings))]
[JsonSerializable(typeof(Identity))]
[JsonSerializable(typeof(LiftedOptOuts))]
[JsonSerializable(typeof(List<ApiKey>))]
[JsonSerializable(typeof(List<AuditEntry>))]
[JsonSerializable(typeof(List<Campaign>))]
[JsonSerializable(typeof(List<Connection>))]
[JsonSerializable(typeof(List<Contact>))]
[JsonSerializable(typeof(List<Conversation>))]
[JsonSerializable(typeof(List<ConversationMessage>))]
[JsonSerializable(typeof(List<Feed>))]
[JsonSerializable(typeof(List<FeedRun>))]
[JsonSerializable(typeof(List<MessagingChannel>))]
[JsonSerializable(typeof(List<StoredProfile>))]
[JsonSerializable(typeof(List<Sync>))]
[JsonSerializable(typeof(List<Tenant>))]
[JsonSerializable(typeof(List<Webhook>))]
[JsonSerializable(typeof(List<WebhookDelivery>))]
[JsonSerializable(typeof(List<WebhookEventType>))]
[JsonSerializable(typeof(MadeChannel))]
[JsonSerializable(typeof(MadeKey))]
[JsonSerializable(typeof(MadeSecret))]
[JsonSerializable(typeof(MadeWebhook))]
[JsonSerializable(typeof(MailingList))]
[JsonSerializable(typeof(MailingLists))]
[JsonSerializable(typeof(MessagingChannel))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(Next))]
[JsonSerializable(typeof(RetriedContacts))]
[JsonSerializable(typeof(RetriedMessages))]
[JsonSerializable(typeof(SentMessages))]
[JsonSerializable(typeof(SettingsTest))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(SignedOut))]
[JsonSerializable(typeof(StoredCredentials))]
[JsonSerializable(typeof(StoredMessage))]
[JsonSerializable(typeof(Sync))]
[JsonSerializable(typeof(SyncContact))]
[JsonSerializable(typeof(SyncLine))]
[JsonSerializable(typeof(Tenant))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(WebhookDelivery))]
[JsonSerializable(typeof(ZohoSettings))]
internal sealed partial class CliJson : JsonSerializerContext;
