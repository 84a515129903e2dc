using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>Forgets uploads whose time is over, and those that broke off with their replica.</summary>
internal sealed class UploadWorker(
    [FromKeyedServices(UploadStore.Queue)] WorkQueue queue, UploadStore uploads, TimeProvider clock, ILogger<UploadWorker> logger)
    : BackgroundService
{
    private const int AtOnce = 4;

    // a sync has yet to read it
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        Run = ForgetAsync,
        RetryAfter = _ => LookAgainAfter,
    }.RunAsync(stoppingToken);

    private async Task ForgetAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        // it takes the item out, too
        if (!await uploads.ForgetAsync(item.Tenant, item.Id, stoppingToken))
        {
            await queue.DeferAsync(item, clock.GetUtcNow() + LookAgainAfter, lost);
        }
    }
}
