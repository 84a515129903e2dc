using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.Erasure;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Erasing;

/// <summary>
/// Has every service erase a tenant that was deleted, then the gateway itself, and takes the tenant out when nothing is left. It asks at once
/// and once more when nobody can have a ticket of the tenant any longer: what came in between is erased as well. A service that is away, or
/// waits for a provider, is asked again until it has done it.
/// </summary>
internal sealed partial class TenantEraser(
    [FromKeyedServices(TenantStore.Erasures)] WorkQueue queue,
    IEnumerable<ServiceData> services,
    TenantErasure own,
    TenantStore tenants,
    Tickets tickets,
    ServiceCalls calls,
    TimeProvider clock,
    ILogger<TenantEraser> logger) : BackgroundService
{
    /// <summary>From when on no call for the tenant can be under way: its keys are forgotten everywhere, and the last tickets have ended.</summary>
    public static readonly TimeSpan LastCall = ApiKeyVerifier.Remembered + Tickets.Life + TimeSpan.FromSeconds(10);

    private const int AtOnce = 2;

    // a service deletes some ten thousand rows a second
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new QueueWorker(queue, clock, logger) { AtOnce = AtOnce, Run = EraseAsync, RetryAfter = RetryAfter }.RunAsync(stoppingToken);

    private async Task EraseAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        if (await tenants.FindAsync(item.Tenant, stoppingToken) is not { DeletingSince: { } since } tenant)
        {
            await queue.CompleteAsync(item, lost);
            return;
        }

        // whether it was the last time is decided before anything is asked
        var isLast = clock.GetUtcNow() >= since + LastCall;
        var done = true;
        foreach (var service in services)
        {
            done &= await EraseAsync(service, item.Tenant, since, stoppingToken);
        }

        if (!done)
        {
            await queue.DeferAsync(item, clock.GetUtcNow() + RetryAfter(item), lost);
        }
        else if (!isLast)
        {
            await queue.DeferAsync(item, since + LastCall, lost);
        }
        else
        {
            await own.EraseAsync(tickets.OwnCaller(item.Tenant), since, stoppingToken);
            if (await tenants.RemoveAsync(tenant, queue, item, stoppingToken))
            {
                LogErased(item.Tenant);
            }
        }
    }

    private async Task<bool> EraseAsync(ServiceData service, TenantId tenant, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            await service.Client.EraseTenantAsync(
                new EraseTenantRequest { RequestedAt = since.ToTimestamp() },
                calls.AsItself(tenant, cancellationToken).WithDeadline(CallDeadline.In(CallLimit)));
            return true;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotErased(tenant, service.Service, e.ToFailure()?.Code ?? e.StatusCode.ToString());
            return false;
        }
    }

    private static TimeSpan RetryAfter(WorkItem item) =>
        TimeSpan.FromTicks(Math.Min(LongestRetry.Ticks, FirstRetry.Ticks << Math.Min(item.Attempts - 1, 10)));

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {TenantId}: nothing is left of it")]
    private partial void LogErased(TenantId tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId} is not erased at {Service} yet ({Code}); trying again")]
    private partial void LogNotErased(TenantId tenantId, string service, string code);
}
