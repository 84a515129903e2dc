using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>
/// The services behind the gateway, over a real port and with real tickets; each test says what they answer. What was not said is
/// UNIMPLEMENTED.
/// </summary>
internal sealed class ScriptedServices : IAsyncDisposable
{
    private readonly Dictionary<string, WebApplication> _apps = new(StringComparer.Ordinal);
    private int _auditHeadLooks;

    private ScriptedServices()
    {
    }

    public Func<SubmitRegistrationRequest, Caller, Task<Registration>>? Submit { get; set; }

    public Func<GetRegistrationRequest, Caller, Registration>? GetRegistration { get; set; }

    public Func<ListRegistrationsRequest, Caller, ListRegistrationsResponse>? ListRegistrations { get; set; }

    public Func<Caller, CampaignsSettings>? GetCampaignsSettings { get; set; }

    public Func<UpdateCampaignsSettingsRequest, Caller, CampaignsSettings>? UpdateCampaignsSettings { get; set; }

    public Func<Caller, TestCampaignsSettingsResponse>? TestCampaignsSettings { get; set; }

    public Func<GetSettingsRequest, Caller, IntegrationSettings>? GetSettings { get; set; }

    public Func<UpdateSettingsRequest, Caller, IntegrationSettings>? UpdateSettings { get; set; }

    public Func<StartAuthorizationRequest, Caller, StartAuthorizationResponse>? StartAuthorization { get; set; }

    public Func<OpenAuthorizationRequest, Caller, OpenAuthorizationResponse>? OpenAuthorization { get; set; }

    public Func<string, Caller, Authorization>? GetAuthorization { get; set; }

    public Func<CompleteAuthorizationRequest, Caller, CompleteAuthorizationResponse>? CompleteAuthorization { get; set; }

    public Func<CreateConnectionRequest, Caller, Connection>? CreateConnection { get; set; }

    public Func<ListConnectionsRequest, Caller, ListConnectionsResponse>? ListConnections { get; set; }

    public Func<string, Caller, Connection>? GetConnection { get; set; }

    public Func<GetAccessTokenRequest, Caller, GetAccessTokenResponse>? GetAccessToken { get; set; }

    public Func<ReportRejectedTokenRequest, Caller, ReportRejectedTokenResponse>? ReportRejectedToken { get; set; }

    /// <summary>The connection that serves anything but the CRM.</summary>
    public Func<Caller, Connection>? ResolveConnection { get; set; }

    public Func<string, Caller, TestConnectionResponse>? TestConnection { get; set; }

    public Func<DeleteConnectionRequest, Caller, DeleteConnectionResponse>? DeleteConnection { get; set; }

    /// <summary>Where a look at <see cref="AuditHeads"/> ends.</summary>
    public string NextSince { get; set; } = "17-key";

    public Func<ListAuditEntriesRequest, Caller, ListAuditEntriesResponse>? ListAuditEntries { get; set; }

    public Func<ExportAuditEntriesRequest, Caller, IEnumerable<AuditLogEntry>>? ExportAuditEntries { get; set; }

    public Func<VerifyChainRequest, Caller, VerifyChainResponse>? VerifyAudit { get; set; }

    /// <summary>Where the chains of the tokens service end.</summary>
    public IReadOnlyList<SignedHead> AuditHeads { get; set; } = [];

    /// <summary>Told what each look at them goes on from.</summary>
    public Action<string> AuditHeadsAsked { get; set; } = _ => { };

    /// <summary>How often they were looked at.</summary>
    public int AuditHeadLooks => Volatile.Read(ref _auditHeadLooks);

    /// <summary>The audit of the campaigns service, which has nothing to tell where a test says nothing else.</summary>
    public Func<ListAuditEntriesResponse> CampaignsAudit { get; set; } = () => new();

    public ScriptedCampaigns Campaigns { get; } = new();

    public ScriptedCrm Crm { get; } = new();

    public ScriptedMessaging Messaging { get; } = new();

    /// <summary>The rings of all services: told whose is asked.</summary>
    public Func<string, Caller, KeyRingStatus>? GetKeyRing { get; set; }

    public Func<string, Caller, Task<StartRotationResponse>>? StartRotation { get; set; }

    /// <summary>What services keep of a tenant: told whose is asked.</summary>
    public Action<string, Caller> EraseTenant { get; set; } = (_, _) => { };

    public Func<GetHealthRequest, Caller, Health>? GetHealth { get; set; }

    public Func<Caller, ListHealthResponse>? ListHealth { get; set; }

    public Func<Caller, CancellationToken, IAsyncEnumerable<HealthChange>>? WatchHealth { get; set; }

    public Func<CreateWebhookRequest, Caller, CreateWebhookResponse>? CreateWebhook { get; set; }

    public Func<Caller, ListWebhooksResponse>? ListWebhooks { get; set; }

    public Func<string, Webhook>? GetWebhook { get; set; }

    public Func<UpdateWebhookRequest, Webhook>? UpdateWebhook { get; set; }

    public Func<string, Caller, DeleteWebhookResponse>? DeleteWebhook { get; set; }

    public Func<RotateSecretRequest, Caller, RotateSecretResponse>? RotateSecret { get; set; }

    public Func<Caller, ListEventTypesResponse>? ListEventTypes { get; set; }

    public Func<string, Caller, WebhookDelivery>? TestWebhook { get; set; }

    public Func<ListDeliveriesRequest, Caller, ListDeliveriesResponse>? ListDeliveries { get; set; }

    public Func<string, Caller, WebhookDelivery>? Redeliver { get; set; }

    /// <summary>How every call fails where a test says so, whatever else was said.</summary>
    public Failure? Refuses { get; set; }

    /// <summary>Names of the header fields that the last request came with.</summary>
    public IReadOnlyCollection<string> LastHeaders { get; private set; } = [];

    public string AddressOf(string service) => _apps[service].Urls.Single();

    public static async Task<ScriptedServices> StartAsync(TimeProvider clock)
    {
        var services = new ScriptedServices();
        await services.StartAsync("tokens", clock, app =>
        {
            app.MapGrpcService<IntegrationSettingsScript>();
            app.MapGrpcService<ConnectionsScript>();
            app.MapGrpcService<AccessTokensScript>();
            app.MapGrpcService<AuditLogScript>();
            app.MapGrpcService<ConnectionHealthScript>();
        });
        await services.StartAsync("campaigns", clock, app =>
        {
            app.MapGrpcService<RegistrationsScript>();
            app.MapGrpcService<CampaignsSettingsScript>();
            app.MapGrpcService<CampaignsAuditScript>();
            app.MapGrpcService<ContactsScript>();
            app.MapGrpcService<SyncsScript>();
            app.MapGrpcService<CampaignResultsScript>();
        });
        await services.StartAsync("crm", clock, app =>
        {
            app.MapGrpcService<NotificationsScript>();
            app.MapGrpcService<CrmCheckScript>();
            app.MapGrpcService<FeedsScript>();
            app.MapGrpcService<EmptyAuditScript>();
        });
        await services.StartAsync("messaging", clock, app =>
        {
            app.MapGrpcService<MessagesScript>();
            app.MapGrpcService<ConversationsScript>();
            app.MapGrpcService<MessagingChannelsScript>();
            app.MapGrpcService<WhatsAppWebhooksScript>();
            app.MapGrpcService<MessagingSettingsScript>();
            app.MapGrpcService<MessagingCheckScript>();
            app.MapGrpcService<EmptyAuditScript>();
        });
        await services.StartAsync("webhooks", clock, app =>
        {
            app.MapGrpcService<WebhooksScript>();
            app.MapGrpcService<EmptyAuditScript>();
        });
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            await app.DisposeAsync();
        }
    }

    private async Task StartAsync(string service, TimeProvider clock, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf(service));
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        builder.AddGrpcServer(service);
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton(new ServiceName(service));
        var app = builder.Build();
        app.Use((context, next) =>
        {
            LastHeaders = [.. context.Request.Headers.Keys];
            return Refuses is { } failure && context.Request.ContentType is "application/grpc" ? Refuse(context.Response, failure) : next(context);
        });
        app.UseRouting();
        app.MapDefaultEndpoints();
        map(app);
        // which seals nothing
        if (service is not "crm")
        {
            app.MapGrpcService<KeyRingScript>();
        }

        app.MapGrpcService<TenantDataScript>();
        await app.StartAsync();
        _apps.Add(service, app);
    }

    // an answer of trailers alone
    private static Task Refuse(HttpResponse response, Failure failure)
    {
        var refusal = failure.ToRpcException();
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail);
        foreach (var entry in refusal.Trailers)
        {
            response.Headers[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }

        return response.CompleteAsync();
    }

    internal static RpcException NotSaid() => new(new Status(StatusCode.Unimplemented, "the test did not say"));

    private sealed class RegistrationsScript(ScriptedServices script) : Registrations.RegistrationsBase
    {
        public override Task<Registration> SubmitRegistration(SubmitRegistrationRequest request, ServerCallContext context) =>
            (script.Submit ?? throw NotSaid())(request, context.Caller);

        public override Task<Registration> GetRegistration(GetRegistrationRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetRegistration ?? throw NotSaid())(request, context.Caller));

        public override Task<ListRegistrationsResponse> ListRegistrations(ListRegistrationsRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListRegistrations ?? throw NotSaid())(request, context.Caller));

        public override Task<Registration> RetryRegistration(RetryRegistrationRequest request, ServerCallContext context) =>
            Task.FromResult((script.Campaigns.RetryRegistration ?? throw NotSaid())(request));

        public override Task<RetryRegistrationsResponse> RetryRegistrations(RetryRegistrationsRequest request, ServerCallContext context) =>
            Task.FromResult((script.Campaigns.RetryRegistrations ?? throw NotSaid())(request));
    }

    private sealed class CampaignsSettingsScript(ScriptedServices script) : CampaignsSettingsStore.CampaignsSettingsStoreBase
    {
        public override Task<CampaignsSettings> GetSettings(GetCampaignsSettingsRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetCampaignsSettings ?? throw NotSaid())(context.Caller));

        public override Task<CampaignsSettings> UpdateSettings(UpdateCampaignsSettingsRequest request, ServerCallContext context) =>
            Task.FromResult((script.UpdateCampaignsSettings ?? throw NotSaid())(request, context.Caller));

        public override Task<TestCampaignsSettingsResponse> TestSettings(TestCampaignsSettingsRequest request, ServerCallContext context) =>
            Task.FromResult((script.TestCampaignsSettings ?? throw NotSaid())(context.Caller));

        public override Task<CampaignsQuota> GetQuota(GetCampaignsQuotaRequest request, ServerCallContext context) =>
            Task.FromResult((script.Campaigns.GetQuota ?? throw NotSaid())());
    }

    private sealed class IntegrationSettingsScript(ScriptedServices script) : IntegrationSettingsStore.IntegrationSettingsStoreBase
    {
        public override Task<IntegrationSettings> GetSettings(GetSettingsRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetSettings ?? throw NotSaid())(request, context.Caller));

        public override Task<IntegrationSettings> UpdateSettings(UpdateSettingsRequest request, ServerCallContext context) =>
            Task.FromResult((script.UpdateSettings ?? throw NotSaid())(request, context.Caller));
    }

    private sealed class AccessTokensScript(ScriptedServices script) : AccessTokens.AccessTokensBase
    {
        public override Task<GetAccessTokenResponse> GetAccessToken(GetAccessTokenRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetAccessToken ?? throw NotSaid())(request, context.Caller));

        public override Task<ReportRejectedTokenResponse> ReportRejectedToken(ReportRejectedTokenRequest request, ServerCallContext context) =>
            Task.FromResult((script.ReportRejectedToken ?? throw NotSaid())(request, context.Caller));
    }

    private sealed class AuditLogScript(ScriptedServices script) : AuditLog.AuditLogBase
    {
        public override Task<ListAuditEntriesResponse> ListEntries(ListAuditEntriesRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListAuditEntries ?? throw NotSaid())(request, context.Caller));

        public override async Task ExportEntries(
            ExportAuditEntriesRequest request, IServerStreamWriter<AuditLogEntry> responseStream, ServerCallContext context)
        {
            foreach (var entry in (script.ExportAuditEntries ?? throw NotSaid())(request, context.Caller))
            {
                await responseStream.WriteAsync(entry);
            }
        }

        public override Task<VerifyChainResponse> VerifyChain(VerifyChainRequest request, ServerCallContext context) =>
            Task.FromResult((script.VerifyAudit ?? throw NotSaid())(request, context.Caller));

        public override Task<ListAuditActionsResponse> ListActions(ListAuditActionsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditActionsResponse { Actions = { "settings.changed", "token.handed_out" } });

        public override Task<ListAuditHeadsResponse> ListHeads(ListAuditHeadsRequest request, ServerCallContext context)
        {
            script.AuditHeadsAsked(request.Since);
            Interlocked.Increment(ref script._auditHeadLooks);
            return Task.FromResult(new ListAuditHeadsResponse { Heads = { script.AuditHeads }, NextSince = script.NextSince });
        }
    }

    private sealed class EmptyAuditScript : AuditLog.AuditLogBase
    {
        public override Task<ListAuditEntriesResponse> ListEntries(ListAuditEntriesRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditEntriesResponse());

        public override Task ExportEntries(
            ExportAuditEntriesRequest request, IServerStreamWriter<AuditLogEntry> responseStream, ServerCallContext context) => Task.CompletedTask;

        public override Task<VerifyChainResponse> VerifyChain(VerifyChainRequest request, ServerCallContext context) =>
            Task.FromResult(new VerifyChainResponse { Intact = true });

        public override Task<ListAuditActionsResponse> ListActions(ListAuditActionsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditActionsResponse { Actions = { "webhook.created" } });

        public override Task<ListAuditHeadsResponse> ListHeads(ListAuditHeadsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditHeadsResponse());
    }

    // has nothing to tell, and may be away
    private sealed class CampaignsAuditScript(ScriptedServices script) : AuditLog.AuditLogBase
    {
        public override Task<ListAuditEntriesResponse> ListEntries(ListAuditEntriesRequest request, ServerCallContext context) =>
            Task.FromResult(script.CampaignsAudit());

        public override Task ExportEntries(
            ExportAuditEntriesRequest request, IServerStreamWriter<AuditLogEntry> responseStream, ServerCallContext context) =>
            Task.FromResult(script.CampaignsAudit());

        public override Task<VerifyChainResponse> VerifyChain(VerifyChainRequest request, ServerCallContext context)
        {
            script.CampaignsAudit();
            return Task.FromResult(new VerifyChainResponse { Intact = true });
        }

        public override Task<ListAuditActionsResponse> ListActions(ListAuditActionsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditActionsResponse { Actions = { "settings.changed", "sync.created" } });

        public override Task<ListAuditHeadsResponse> ListHeads(ListAuditHeadsRequest request, ServerCallContext context) =>
            Task.FromResult(new ListAuditHeadsResponse());
    }

    private sealed record ServiceName(string Service);

    private sealed class TenantDataScript(ScriptedServices script, ServiceName of) : TenantData.TenantDataBase
    {
        public override Task<EraseTenantResponse> EraseTenant(EraseTenantRequest request, ServerCallContext context)
        {
            script.EraseTenant(of.Service, context.Caller);
            return Task.FromResult(new EraseTenantResponse());
        }
    }

    private sealed class KeyRingScript(ScriptedServices script, ServiceName ring) : Contracts.Sealing.V1.KeyRing.KeyRingBase
    {
        public override Task<KeyRingStatus> GetStatus(GetKeyRingStatusRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetKeyRing ?? throw NotSaid())(ring.Service, context.Caller));

        public override Task<StartRotationResponse> StartRotation(StartRotationRequest request, ServerCallContext context) =>
            (script.StartRotation ?? throw NotSaid())(ring.Service, context.Caller);
    }

    private sealed class ConnectionHealthScript(ScriptedServices script) : ConnectionHealth.ConnectionHealthBase
    {
        public override Task<Health> GetHealth(GetHealthRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetHealth ?? throw NotSaid())(request, context.Caller));

        public override Task<ListHealthResponse> ListHealth(ListHealthRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListHealth ?? throw NotSaid())(context.Caller));

        public override async Task WatchHealth(
            WatchHealthRequest request, IServerStreamWriter<HealthChange> responseStream, ServerCallContext context)
        {
            await foreach (var change in (script.WatchHealth ?? throw NotSaid())(context.Caller, context.CancellationToken))
            {
                await responseStream.WriteAsync(change);
            }
        }
    }

    private sealed class WebhooksScript(ScriptedServices script) : Contracts.Webhooks.V1.Webhooks.WebhooksBase
    {
        public override Task<CreateWebhookResponse> CreateWebhook(CreateWebhookRequest request, ServerCallContext context) =>
            Task.FromResult((script.CreateWebhook ?? throw NotSaid())(request, context.Caller));

        public override Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListWebhooks ?? throw NotSaid())(context.Caller));

        public override Task<Webhook> GetWebhook(GetWebhookRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetWebhook ?? throw NotSaid())(request.Id));

        public override Task<Webhook> UpdateWebhook(UpdateWebhookRequest request, ServerCallContext context) =>
            Task.FromResult((script.UpdateWebhook ?? throw NotSaid())(request));

        public override Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context) =>
            Task.FromResult((script.DeleteWebhook ?? throw NotSaid())(request.Id, context.Caller));

        public override Task<RotateSecretResponse> RotateSecret(RotateSecretRequest request, ServerCallContext context) =>
            Task.FromResult((script.RotateSecret ?? throw NotSaid())(request, context.Caller));

        public override Task<ListEventTypesResponse> ListEventTypes(ListEventTypesRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListEventTypes ?? throw NotSaid())(context.Caller));

        public override Task<WebhookDelivery> TestWebhook(TestWebhookRequest request, ServerCallContext context) =>
            Task.FromResult((script.TestWebhook ?? throw NotSaid())(request.Id, context.Caller));

        public override Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListDeliveries ?? throw NotSaid())(request, context.Caller));

        public override Task<WebhookDelivery> Redeliver(RedeliverRequest request, ServerCallContext context) =>
            Task.FromResult((script.Redeliver ?? throw NotSaid())(request.DeliveryId, context.Caller));
    }

    private sealed class ConnectionsScript(ScriptedServices script) : Contracts.Tokens.V1.Connections.ConnectionsBase
    {
        public override Task<StartAuthorizationResponse> StartAuthorization(StartAuthorizationRequest request, ServerCallContext context) =>
            Task.FromResult((script.StartAuthorization ?? throw NotSaid())(request, context.Caller));

        public override Task<OpenAuthorizationResponse> OpenAuthorization(OpenAuthorizationRequest request, ServerCallContext context) =>
            Task.FromResult((script.OpenAuthorization ?? throw NotSaid())(request, context.Caller));

        public override Task<Authorization> GetAuthorization(GetAuthorizationRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetAuthorization ?? throw NotSaid())(request.Id, context.Caller));

        public override Task<CompleteAuthorizationResponse> CompleteAuthorization(CompleteAuthorizationRequest request, ServerCallContext context) =>
            Task.FromResult((script.CompleteAuthorization ?? throw NotSaid())(request, context.Caller));

        public override Task<Connection> CreateConnection(CreateConnectionRequest request, ServerCallContext context) =>
            Task.FromResult((script.CreateConnection ?? throw NotSaid())(request, context.Caller));

        public override Task<ListConnectionsResponse> ListConnections(ListConnectionsRequest request, ServerCallContext context) =>
            Task.FromResult((script.ListConnections ?? throw NotSaid())(request, context.Caller));

        public override Task<Connection> GetConnection(GetConnectionRequest request, ServerCallContext context) =>
            Task.FromResult((script.GetConnection ?? throw NotSaid())(request.Id, context.Caller));

        public override Task<Connection> ResolveConnection(ResolveConnectionRequest request, ServerCallContext context) =>
            Task.FromResult(request.Feature == "crm" ? script.Crm.ResolveConnection() : (script.ResolveConnection ?? throw NotSaid())(context.Caller));

        public override Task<TestConnectionResponse> TestConnection(TestConnectionRequest request, ServerCallContext context) =>
            Task.FromResult((script.TestConnection ?? throw NotSaid())(request.Id, context.Caller));

        public override Task<DeleteConnectionResponse> DeleteConnection(DeleteConnectionRequest request, ServerCallContext context) =>
            Task.FromResult((script.DeleteConnection ?? throw NotSaid())(request, context.Caller));
    }
}
