using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;
using CampaignsSettingsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignsSettingsStore.CampaignsSettingsStoreClient;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;
using IntegrationSettingsClient = ZohoPlatform.Contracts.Tokens.V1.IntegrationSettingsStore.IntegrationSettingsStoreClient;
using MessagingSettingsClient = ZohoPlatform.Contracts.Messaging.V1.MessagingSettingsStore.MessagingSettingsStoreClient;

namespace ZohoPlatform.Gateway.Bootstrap;

/// <summary>
/// Applies <see cref="EnvironmentSettings"/> to the demo tenant: settings, list key, connection. Services that are away are waited for; what a
/// service refuses is logged with what to do and tried again at the next start. The host is unhealthy until this was tried once, so that
/// who waits for it finds the demo tenant set up.
/// </summary>
internal sealed partial class SettingsFromEnvironment(
    EnvironmentSettings settings,
    IOptions<PlatformKeyOptions> options,
    TenantStore tenants,
    TenantDb<GatewayDbContext> database,
    ServiceCalls calls,
    IntegrationSettingsClient integrations,
    ConnectionsClient connections,
    CampaignsSettingsClient campaigns,
    MessagingSettingsClient messaging,
    IConfiguration configuration,
    TimeProvider clock,
    ILogger<SettingsFromEnvironment> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // services that start with this one are there by then; one that is not must not keep the gateway from what it can do without
    private static readonly TimeSpan KeepsHealthWaiting = TimeSpan.FromSeconds(30);

    private volatile bool _wasTried;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _wasTried ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, "The demo tenant is being set up."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.IsEmpty || options.Value.AdminKey is not { } adminKey)
        {
            _wasTried = true;
            return;
        }

        var steps = StepsFor(adminKey);
        var started = clock.GetTimestamp();
        for (var wait = FirstWait; ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)))
        {
            try
            {
                await ApplyAsync(steps, stoppingToken);
                _wasTried = true;
                return;
            }
            catch (RpcException e) when (!stoppingToken.IsCancellationRequested && MayPass(e))
            {
                LogWaiting(e.ToFailure()?.Message ?? e.Status.Detail, wait);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && StorageOutage.Is(e))
            {
                LogWaiting(StorageOutage.Failure.Message, wait);
            }

            _wasTried |= clock.GetElapsedTime(started) >= KeepsHealthWaiting;
            await Task.Delay(wait, clock, stoppingToken);
        }
    }

    private List<Step> StepsFor(string adminKey)
    {
        var steps = new List<Step>();
        if (settings.HasZohoClient)
        {
            var request = ZohoClient();
            Add(
                "zoho-client", "The Zoho client (ZOHO_CLIENT_ID and the settings with it)", "tokens",
                call => integrations.UpdateSettingsAsync(request, call).ResponseAsync, request);
        }

        if (settings.HubSpotClientId is { } hubSpotClientId)
        {
            var request = new UpdateSettingsRequest { Provider = "hubspot", ClientId = hubSpotClientId, ClientSecrets = { [""] = settings.HubSpotClientSecret } };
            Add(
                "hubspot-client", "The HubSpot client (HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET)", "tokens",
                call => integrations.UpdateSettingsAsync(request, call).ResponseAsync, request);
        }

        if (settings.ListKey is { } listKey)
        {
            var request = new UpdateCampaignsSettingsRequest { CampaignsListKey = listKey };
            Add(
                "list-key", "The mailing list (ZOHO_CAMPAIGNS_LIST_KEY)", "campaigns",
                call => campaigns.UpdateSettingsAsync(request, call).ResponseAsync, request);
        }

        if (settings.CrmOrganizationId is { } crmOrganization)
        {
            var request = new UpdateMessagingSettingsRequest { CrmOrganizationId = crmOrganization };
            Add(
                "crm-organization", "The organization in links into Zoho CRM (ZOHO_ORG_ID)", "messaging",
                call => messaging.UpdateSettingsAsync(request, call).ResponseAsync, request);
        }

        if (settings.RefreshToken is not null)
        {
            var request = new CreateConnectionRequest { Provider = "zoho", RefreshToken = settings.RefreshToken };
            // a refresh token is its client's: with another client it is another connection
            Add(
                "zoho-connection", "The Zoho connection (ZOHO_REFRESH_TOKEN)", "tokens",
                call => connections.CreateConnectionAsync(request, call).ResponseAsync, ZohoClient(), request);
        }

        return steps;

        void Add(string name, string what, string service, Func<CallOptions, Task> run, params ReadOnlySpan<IMessage> says)
        {
            using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(adminKey));
            foreach (var message in says)
            {
                hash.AppendData(message.ToByteArray());
            }

            steps.Add(new Step(name, what, service, run, hash.GetHashAndReset()));
        }
    }

    // each step by itself: one that was refused or waits is no reason to lose another, or to write over what people set since another was done
    private async Task ApplyAsync(List<Step> steps, CancellationToken cancellationToken)
    {
        // one replica applies, the others find it done
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await connection.LockAsync("gateway.bootstrap", cancellationToken);
        var tenant = await tenants.EnsureAsync(PlatformKey.TenantName, cancellationToken);
        RpcException? waiting = null;
        foreach (var step in steps)
        {
            if (await IsAppliedAsync(step, cancellationToken))
            {
                continue;
            }

            if (!ServiceAreas.IsConfigured(configuration, step.Service))
            {
                // its address does not come by itself
                LogSkipped(step.What, step.Service);
                continue;
            }

            try
            {
                await step.Run(calls.AsItself(tenant.Id, cancellationToken));
                await NoteAppliedAsync(step, cancellationToken);
                LogApplied(step.What, PlatformKey.TenantName);
            }
            catch (RpcException e) when (!MayPass(e) && e.ToFailure() is { } failure)
            {
                LogRefused(step.What, failure.Message, failure.Code);
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                waiting = e;
            }
        }

        if (waiting is not null)
        {
            throw waiting;
        }
    }

    private async Task<bool> IsAppliedAsync(Step step, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        var applied = await context.AppliedSettings.AsNoTracking().SingleOrDefaultAsync(entry => entry.Name == step.Name, cancellationToken);
        return applied is not null && applied.Fingerprint.AsSpan().SequenceEqual(step.Fingerprint);
    }

    private async Task NoteAppliedAsync(Step step, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        var now = clock.GetUtcNow();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO applied_settings (name, fingerprint, applied_at) VALUES ({step.Name}, {step.Fingerprint}, {now})
            ON CONFLICT (name) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, applied_at = EXCLUDED.applied_at
            """,
            cancellationToken);
    }

    private UpdateSettingsRequest ZohoClient()
    {
        var request = new UpdateSettingsRequest { Provider = "zoho" };
        if (settings is { ClientId: { } clientId, ClientSecret: { } clientSecret })
        {
            request.ClientId = clientId;
            request.ClientSecrets[""] = clientSecret;
        }

        if (settings.Region is { } region)
        {
            request.Region = region;
        }

        if (settings.CrmEnabled is { } crmEnabled)
        {
            request.CrmEnabled = crmEnabled;
        }

        if (settings.OrgId is { } orgId)
        {
            request.OrganizationId = orgId;
        }

        if (settings.ApiDomain is { } apiDomain)
        {
            request.ApiDomain = apiDomain;
        }

        return request;
    }

    private static bool MayPass(RpcException e) => e.ToFailure() is null or { Kind: FailureKind.Unavailable or FailureKind.RateLimited };

    [LoggerMessage(Level = LogLevel.Information, Message = "{What} from the environment is applied to the tenant {Tenant}")]
    private partial void LogApplied(string what, string tenant);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} is not applied: the gateway has no address of the service {Service}")]
    private partial void LogSkipped(string what, string service);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{What} could not be applied: {Message} ({Code}). Mend it and start again, or set it over the API; everything else goes on.")]
    private partial void LogRefused(string what, string message, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings from the environment wait: {Reason} Next try in {Wait}")]
    private partial void LogWaiting(string reason, TimeSpan wait);

    /// <summary>What is set in one service.</summary>
    /// <param name="Name">Kept once it is done.</param>
    /// <param name="What">For a person.</param>
    /// <param name="Service">Where.</param>
    /// <param name="Run">Does it.</param>
    /// <param name="Fingerprint">Of what it says: done again where that is another one, so that later changes by people stay.</param>
    private sealed record Step(string Name, string What, string Service, Func<CallOptions, Task> Run, byte[] Fingerprint);
}
