using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Events;

/// <summary>
/// Hands events over to the webhook service, a tenant at a time and so many at once, and deletes them when it has answered. Killed in between,
/// they are handed over once more under the ids that they have, and stored once.
/// </summary>
internal sealed partial class OutboxWorker<TContext> : BackgroundService
    where TContext : TenantDbContext
{
    private const int TenantsAtOnce = 4;
    private const int EventsAtOnce = 100;

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly TenantDb<TContext> _db;
    private readonly WorkQueue _queue;
    private readonly Contracts.Webhooks.V1.Events.EventsClient _events;
    private readonly Tickets _tickets;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _handedOver;
    private readonly ILogger<OutboxWorker<TContext>> _logger;

    public OutboxWorker(
        TenantDb<TContext> db,
        [FromKeyedServices(EventOutbox.Queue)] WorkQueue queue,
        Contracts.Webhooks.V1.Events.EventsClient events,
        Tickets tickets,
        TimeProvider clock,
        IMeterFactory meters,
        ILogger<OutboxWorker<TContext>> logger)
    {
        (_db, _queue, _events, _tickets, _clock, _logger) = (db, queue, events, tickets, clock, logger);
        _handedOver = meters.Create("ZohoPlatform.Events").CreateCounter<long>(
            "events.handed_over", description: "Events that the webhook service has taken.");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(_queue, _clock, _logger)
    {
        AtOnce = TenantsAtOnce,
        Run = HandOverAsync,
        RetryAfter = RetryAfter,
    }.RunAsync(stoppingToken);

    private static TimeSpan RetryAfter(WorkItem item)
    {
        const int Doublings = 5;
        var wait = FirstRetry * Math.Pow(2, Math.Min(item.Attempts - 1, Doublings));
        return wait < LongestRetry ? wait : LongestRetry;
    }

    private async Task HandOverAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        var events = await ReadAsync(item.Tenant, either.Token);
        if (events.Count > 0)
        {
            try
            {
                await _events.RaiseAsync(
                    new RaiseRequest { Events = { events.Select(ToMessage) } },
                    new CallOptions(
                        deadline: CallDeadline.In(CallLimit),
                        cancellationToken: either.Token,
                        credentials: new CallerCredentials(_tickets.OwnCaller(item.Tenant))));
            }
            catch (RpcException e) when (!either.IsCancellationRequested)
            {
                LogNotTaken(item.Tenant.Value, events.Count, e.StatusCode, e.Status.Detail);
                await _queue.DeferAsync(item, _clock.GetUtcNow() + RetryAfter(item), either.Token);
                return;
            }
        }

        await EndAsync(item, [.. events.Select(row => row.Id)]);
        _handedOver.Add(events.Count);
    }

    // oldest first; the context is given back before anybody is called
    private async Task<IReadOnlyList<OutboxRow>> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = _db.For(tenant);
        return await context.Set<OutboxRow>().AsNoTracking().OrderBy(row => row.Id).Take(EventsAtOnce).ToListAsync(cancellationToken);
    }

    // not cut off: the events are taken. Whoever else took the claim meanwhile hands them over again, which changes nothing
    private async Task EndAsync(WorkItem item, List<Guid> taken)
    {
        await using var context = _db.For(item.Tenant);
        await context.Set<OutboxRow>().Where(row => taken.Contains(row.Id)).ExecuteDeleteAsync(CancellationToken.None);

        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        // waits for those that commit an event at this moment; whoever comes after this transaction queues the tenant anew
        await context.Database.ExecuteSqlRawAsync(
            $"SELECT 1 FROM {EventOutbox.Queue} WHERE tenant_id = {{0}} AND id = {{0}} FOR UPDATE", [item.Id], CancellationToken.None);
        if (await context.Set<OutboxRow>().AnyAsync(CancellationToken.None))
        {
            // behind the tenants that wait for their turn
            await _queue.ContinueAsync(context, item, _clock.GetUtcNow(), CancellationToken.None);
        }
        else
        {
            await _queue.CompleteAsync(context, item, CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    private static Event ToMessage(OutboxRow row) => new()
    {
        Id = row.Id.ToString(),
        Type = row.Type,
        OccurredAt = row.OccurredAt.ToTimestamp(),
        Subject = row.Subject,
        Data = row.Data,
    };

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Tenant {TenantId}: {Count} events were not handed over to the webhook service ({Status}: {Reason})")]
    private partial void LogNotTaken(Guid tenantId, int count, StatusCode status, string reason);
}
