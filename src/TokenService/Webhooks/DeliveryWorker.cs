using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>Delivers what is due, at growing distances over more than a day and on whichever replica comes first.</summary>
internal sealed partial class DeliveryWorker : BackgroundService
{
    private const int Batch = 32;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    // ten attempts within 28 hours: a receiver that is down overnight misses nothing
    private static readonly TimeSpan[] Retries =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    private readonly TenantDb<TokensDbContext> _db;
    private readonly Deliveries _deliveries;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _attempts;
    private readonly ILogger<DeliveryWorker> _logger;

    public DeliveryWorker(
        TenantDb<TokensDbContext> db, Deliveries deliveries, TimeProvider clock, IMeterFactory meters, ILogger<DeliveryWorker> logger)
    {
        (_db, _deliveries, _clock, _logger) = (db, deliveries, clock, logger);
        _attempts = meters.Create("ZohoPlatform.TokenService").CreateCounter<long>(
            "tokens.webhook_attempts", description: "Attempts to deliver an event, by outcome: taken, refused.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Task.WhenAll((await ClaimAsync(stoppingToken)).Select(queued => DeliverAsync(queued, stoppingToken)));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    private async Task DeliverAsync(QueuedDelivery queued, CancellationToken stoppingToken)
    {
        try
        {
            var isLast = queued.Attempts > Retries.Length;
            if (await _deliveries.TryAsync(queued.TenantId, queued.Id, isLast, stoppingToken) is { } outcome)
            {
                _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Succeeded ? "taken" : "refused"));
                LogAttempt(queued.Id, queued.Attempts, outcome.Succeeded ? "taken" : outcome.Error);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // one delivery's trouble must not hold up the others
            LogNotTried(e, queued.Id);
        }
    }

    // a claim is the next attempt's time moved on: a worker that dies loses nothing but that time
    private async Task<IReadOnlyList<QueuedDelivery>> ClaimAsync(CancellationToken stoppingToken)
    {
        var now = _clock.GetUtcNow();
        await using var context = _db.ForNoTenant();
        await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
        var due = await context.WebhookQueue
            .FromSql($"SELECT * FROM webhook_queue WHERE due_at <= {now} ORDER BY due_at LIMIT {Batch} FOR UPDATE SKIP LOCKED")
            .ToListAsync(stoppingToken);
        foreach (var queued in due)
        {
            queued.DueAt = now + Retries[Math.Min(queued.Attempts, Retries.Length - 1)];
            queued.Attempts++;
        }

        await context.SaveChangesAsync(stoppingToken);
        await transaction.CommitAsync(stoppingToken);
        return due;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {DeliveryId}, attempt {Attempt}: {Outcome}")]
    private partial void LogAttempt(Guid deliveryId, int attempt, string outcome);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery {DeliveryId} could not be tried")]
    private partial void LogNotTried(Exception exception, Guid deliveryId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deliveries could not be worked on")]
    private partial void LogFailed(Exception exception);
}
