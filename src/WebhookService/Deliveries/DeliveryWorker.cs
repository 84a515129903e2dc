using System.Diagnostics.Metrics;
using ZohoPlatform.Storage;

namespace ZohoPlatform.WebhookService.Deliveries;

/// <summary>
/// Delivers what is due, at growing distances over more than a day and on whichever replica comes first. Tenants take turns: receivers that
/// let every attempt run into its limit hold up their own tenant and nobody else.
/// </summary>
internal sealed partial class DeliveryWorker : BackgroundService
{
    /// <summary>The table of what is due.</summary>
    public const string Queue = "delivery_queue";

    private const int AtOnce = 32;
    private const int AtOnceOfATenant = 8;

    // ten attempts within 28 hours: a receiver that is down overnight misses nothing
    private static readonly TimeSpan[] Retries =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    private readonly WorkQueue _queue;
    private readonly DeliveryAttempts _attempts;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _counted;
    private readonly ILogger<DeliveryWorker> _logger;

    public DeliveryWorker(
        [FromKeyedServices(Queue)] WorkQueue queue,
        DeliveryAttempts attempts,
        TimeProvider clock,
        IMeterFactory meters,
        ILogger<DeliveryWorker> logger)
    {
        (_queue, _attempts, _clock, _logger) = (queue, attempts, clock, logger);
        _counted = meters.Create("ZohoPlatform.WebhookService").CreateCounter<long>(
            "webhooks.attempts", description: "Attempts to deliver an event, by outcome: taken, refused.");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(_queue, _clock, _logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = AtOnceOfATenant,
        Run = DeliverAsync,
        RetryAfter = item => Retries[Math.Min(item.Attempts, Retries.Length) - 1],
    }.RunAsync(stoppingToken);

    private async Task DeliverAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        DateTimeOffset? again = item.Attempts > Retries.Length ? null : _clock.GetUtcNow() + Retries[item.Attempts - 1];
        if (await _attempts.TryAsync(item, again, either.Token) is { } outcome)
        {
            _counted.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Succeeded ? "taken" : "refused"));
            LogAttempt(item.Id, item.Attempts, outcome.Succeeded ? "taken" : outcome.Error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {DeliveryId}, attempt {Attempt}: {Outcome}")]
    private partial void LogAttempt(Guid deliveryId, int attempt, string outcome);
}
