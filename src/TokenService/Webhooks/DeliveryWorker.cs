using System.Diagnostics.Metrics;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>Delivers what is due, at growing distances over more than a day and on whichever replica comes first.</summary>
internal sealed partial class DeliveryWorker : BackgroundService
{
    private const int AtOnce = 32;

    // ten attempts within 28 hours: a receiver that is down overnight misses nothing
    private static readonly TimeSpan[] Retries =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    private readonly WorkQueue _queue;
    private readonly Deliveries _deliveries;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _attempts;
    private readonly ILogger<DeliveryWorker> _logger;

    public DeliveryWorker(
        [FromKeyedServices(Deliveries.Queue)] WorkQueue queue,
        Deliveries deliveries,
        TimeProvider clock,
        IMeterFactory meters,
        ILogger<DeliveryWorker> logger)
    {
        (_queue, _deliveries, _clock, _logger) = (queue, deliveries, clock, logger);
        _attempts = meters.Create("ZohoPlatform.TokenService").CreateCounter<long>(
            "tokens.webhook_attempts", description: "Attempts to deliver an event, by outcome: taken, refused.");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(_queue, _clock, _logger)
    {
        AtOnce = AtOnce,
        Run = DeliverAsync,
        RetryAfter = item => Retries[Math.Min(item.Attempts, Retries.Length) - 1],
    }.RunAsync(stoppingToken);

    private async Task DeliverAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        DateTimeOffset? again = item.Attempts > Retries.Length ? null : _clock.GetUtcNow() + Retries[item.Attempts - 1];
        if (await _deliveries.TryAsync(item, again, either.Token) is { } outcome)
        {
            _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Succeeded ? "taken" : "refused"));
            LogAttempt(item.Id, item.Attempts, outcome.Succeeded ? "taken" : outcome.Error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {DeliveryId}, attempt {Attempt}: {Outcome}")]
    private partial void LogAttempt(Guid deliveryId, int attempt, string outcome);
}
