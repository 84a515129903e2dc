using System.Text.Json.Serialization;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Crm;
using ZohoPlatform.Api.KeyRing;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Api.Tenants;
using ZohoPlatform.Api.Webhooks;

namespace ZohoPlatform.Client;

/// <summary>Readers and writers of the gateway's JSON, made at compile time. Fields that a newer gateway adds are passed over.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcceptedContact))]
[JsonSerializable(typeof(ForgottenAddress))]
[JsonSerializable(typeof(ForgottenContact))]
[JsonSerializable(typeof(LiftedOptOut))]
[JsonSerializable(typeof(LiftedOptOuts))]
[JsonSerializable(typeof(RejectedContacts))]
[JsonSerializable(typeof(RetriedContacts))]
[JsonSerializable(typeof(AcceptedSync))]
[JsonSerializable(typeof(AccessToken))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(ApiKeyChange))]
[JsonSerializable(typeof(ApiKeyList))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(AuditFeed))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(CampaignPage))]
[JsonSerializable(typeof(CampaignReport))]
[JsonSerializable(typeof(ConnectionHealth))]
[JsonSerializable(typeof(ConnectionHealthList))]
[JsonSerializable(typeof(ConnectionList))]
[JsonSerializable(typeof(ConnectionTest))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(ContactPage))]
[JsonSerializable(typeof(CreatedApiKey))]
[JsonSerializable(typeof(CreatedWebhook))]
[JsonSerializable(typeof(DeletionsAnswer))]
[JsonSerializable(typeof(Feed))]
[JsonSerializable(typeof(FeedList))]
[JsonSerializable(typeof(FeedRefresh))]
[JsonSerializable(typeof(FeedRunList))]
[JsonSerializable(typeof(HubSpotSettings))]
[JsonSerializable(typeof(KeyRingList))]
[JsonSerializable(typeof(KeyRingRotations))]
[JsonSerializable(typeof(MailingLists))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(NewConnection))]
[JsonSerializable(typeof(NewMailingList))]
[JsonSerializable(typeof(NewSync))]
[JsonSerializable(typeof(NewTenant))]
[JsonSerializable(typeof(NewWebhook))]
[JsonSerializable(typeof(Authorization))]
[JsonSerializable(typeof(OAuthLink))]
[JsonSerializable(typeof(KeptOff))]
[JsonSerializable(typeof(OptOut))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Quota))]
[JsonSerializable(typeof(RecipientPage))]
[JsonSerializable(typeof(RejectedToken))]
[JsonSerializable(typeof(RejectedTokenAnswer))]
[JsonSerializable(typeof(RemovedConnection))]
[JsonSerializable(typeof(RotatedSecret))]
[JsonSerializable(typeof(RotatedApiKey))]
[JsonSerializable(typeof(SecretRotation))]
[JsonSerializable(typeof(SettingsTest))]
[JsonSerializable(typeof(SubscriberPage))]
[JsonSerializable(typeof(SyncContactPage))]
[JsonSerializable(typeof(SyncEvent))]
[JsonSerializable(typeof(SyncPage))]
[JsonSerializable(typeof(Tenant))]
[JsonSerializable(typeof(TenantList))]
[JsonSerializable(typeof(UploadedSource))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(WebhookChange))]
[JsonSerializable(typeof(WebhookDelivery))]
[JsonSerializable(typeof(WebhookDeliveryPage))]
[JsonSerializable(typeof(WebhookEventTypeList))]
[JsonSerializable(typeof(WebhookList))]
[JsonSerializable(typeof(WhoAmI))]
[JsonSerializable(typeof(ZohoSettings))]
internal sealed partial class PlatformJson : JsonSerializerContext;
