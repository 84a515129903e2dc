using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>Deletes the syncs whose time has come (<see cref="SyncExpiry"/>).</summary>
internal sealed class SyncExpiryWorker(
    [FromKeyedServices(SyncExpiry.Queue)] WorkQueue queue, SyncExpiry expiry, TimeProvider clock, ILogger<SyncExpiryWorker> logger)
    : BackgroundService
{
    private const int AtOnce = 2;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        Run = DeleteAsync,
        RetryAfter = _ => LookAgainAfter,
    }.RunAsync(stoppingToken);

    private async Task DeleteAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        // it takes the item out, too
        if (!await expiry.DeleteAsync(item.Tenant, item.Id, stoppingToken))
        {
            await queue.DeferAsync(item, clock.GetUtcNow() + LookAgainAfter, lost);
        }
    }
}
