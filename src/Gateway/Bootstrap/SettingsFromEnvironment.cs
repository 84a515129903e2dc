using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
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
    TimeProvider clock,
    ILogger<SettingsFromEnvironment> logger) : BackgroundService, IHealthCheck
{
    private const string Name = "environment";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

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

        var fingerprint = settings.Fingerprint(adminKey);
        for (var wait = TimeSpan.FromSeconds(1); ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)))
        {
            try
            {
                await ApplyOnceAsync(fingerprint, stoppingToken);
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
            finally
            {
                _wasTried = true;
            }

            await Task.Delay(wait, clock, stoppingToken);
        }
    }

    private async Task ApplyOnceAsync(byte[] fingerprint, CancellationToken cancellationToken)
    {
        // one replica applies, the others find it done; the lock ends with the transaction, also when this process dies
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var turn = await connection.BeginTransactionAsync(cancellationToken);
        await turn.LockAsync("gateway.bootstrap", cancellationToken);

        await using var context = database.ForNoTenant();
        var applied = await context.AppliedSettings.SingleOrDefaultAsync(entry => entry.Name == Name, cancellationToken);
        if (applied is not null && applied.Fingerprint.AsSpan().SequenceEqual(fingerprint))
        {
            return;
        }

        if (!await ApplyAsync(cancellationToken))
        {
            return;
        }

        if (applied is null)
        {
            context.AppliedSettings.Add(new AppliedSettings { Name = Name, Fingerprint = fingerprint, AppliedAt = clock.GetUtcNow() });
        }
        else
        {
            (applied.Fingerprint, applied.AppliedAt) = (fingerprint, clock.GetUtcNow());
        }

        await context.SaveChangesAsync(cancellationToken);
        LogApplied(PlatformKey.TenantName);
    }

    private async Task<bool> ApplyAsync(CancellationToken cancellationToken)
    {
        var tenant = await tenants.EnsureAsync(PlatformKey.TenantName, cancellationToken);
        var call = calls.AsItself(tenant.Id, cancellationToken);

        // each step is tried even where another one was refused: a wrong refresh token is no reason to lose the list key
        var all = true;
        if (settings.HasZohoClient)
        {
            all &= await StepAsync(
                "The Zoho client (ZOHO_CLIENT_ID and the settings with it)",
                () => integrations.UpdateSettingsAsync(ZohoClient(), call).ResponseAsync);
        }

        if (settings.HubSpotClientId is { } hubSpotClientId)
        {
            all &= await StepAsync(
                "The HubSpot client (HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET)",
                () => integrations.UpdateSettingsAsync(
                    new UpdateSettingsRequest
                    {
                        Provider = "hubspot",
                        ClientId = hubSpotClientId,
                        ClientSecrets = { [""] = settings.HubSpotClientSecret },
                    },
                    call).ResponseAsync);
        }

        if (settings.ListKey is { } listKey)
        {
            all &= await StepAsync(
                "The mailing list (ZOHO_CAMPAIGNS_LIST_KEY)",
                () => campaigns.UpdateSettingsAsync(new() { CampaignsListKey = listKey }, call).ResponseAsync);
        }

        if (settings.RefreshToken is not null)
        {
            all &= await StepAsync(
                "The Zoho connection (ZOHO_REFRESH_TOKEN)",
                () => connections.CreateConnectionAsync(ZohoConnection(), call).ResponseAsync);
        }

        return all;
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

    private CreateConnectionRequest ZohoConnection()
    {
        var request = new CreateConnectionRequest { Provider = "zoho", RefreshToken = settings.RefreshToken };
        request.Features.Add("campaigns");
        if (settings.CrmEnabled is true)
        {
            request.Features.Add("crm");
        }

        return request;
    }

    private async Task<bool> StepAsync(string what, Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (RpcException e) when (!MayPass(e) && e.ToFailure() is { } failure)
        {
            LogRefused(what, failure.Message, failure.Code);
            return false;
        }
    }

    private static bool MayPass(RpcException e) => e.ToFailure() is null or { Kind: FailureKind.Unavailable or FailureKind.RateLimited };

    [LoggerMessage(Level = LogLevel.Information, Message = "The settings from the environment are applied to the tenant {Tenant}")]
    private partial void LogApplied(string tenant);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{What} could not be applied: {Message} ({Code}). Mend it and start again, or set it over the API; everything else goes on.")]
    private partial void LogRefused(string what, string message, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings from the environment wait: {Reason} Next try in {Wait}")]
    private partial void LogWaiting(string reason, TimeSpan wait);
}
