using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Revocations;

/// <summary>
/// Tries the revocations that are due until the provider has heard them, at growing distances and on whichever replica comes first.
/// </summary>
internal sealed partial class RevocationWorker(
    [FromKeyedServices(RevocationWorker.Queue)] WorkQueue queue,
    RevocationQueue revocations,
    TimeProvider clock,
    ILogger<RevocationWorker> logger) : BackgroundService
{
    public const string Queue = "revocation_queue";

    private const int AtOnce = 4;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new QueueWorker(queue, clock, logger) { AtOnce = AtOnce, Run = RevokeAsync, RetryAfter = RetryAfter }.RunAsync(stoppingToken);

    private async Task RevokeAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        var started = clock.GetUtcNow();
        if (await revocations.TryAsync(item.Tenant, item.Id))
        {
            LogRevoked(item.Id);
        }
        else
        {
            await queue.DeferAsync(item, started + RetryAfter(item), lost);
        }
    }

    private static TimeSpan RetryAfter(WorkItem item) =>
        TimeSpan.FromTicks(Math.Min(LongestRetry.Ticks, FirstRetry.Ticks << Math.Min(item.Attempts - 1, 10)));

    [LoggerMessage(Level = LogLevel.Information, Message = "Revocation {RevocationId}: done at the provider")]
    private partial void LogRevoked(Guid revocationId);
}
