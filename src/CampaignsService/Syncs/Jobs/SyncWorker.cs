using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Goes on with the syncs that are due. One run holds a sync at a time, by a lease that it renews; those of a replica that died are gone on
/// with by another one when it ends. A sync has its place while it works, and gives it back where its next call has to wait.
/// </summary>
internal sealed class SyncWorker(
    [FromKeyedServices(SyncQueue.Table)] WorkQueue queue, SyncRunner runner, TimeProvider clock, ILogger<SyncWorker> logger)
    : BackgroundService
{
    // a sync does little but wait for answers
    private const int AtOnce = 20;
    private const int AtOnceOfATenant = 4;

    private static readonly TimeSpan AfterAnOutage = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = AtOnceOfATenant,
        Run = RunAsync,
        RetryAfter = _ => AfterAnOutage,
    }.RunAsync(stoppingToken);

    private async Task RunAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        await runner.RunAsync(item.Tenant, item.Id, stoppingToken, lost);
        // when it is due again stands there already
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lost);
        limit.CancelAfter(ReleaseLimit);
        await queue.ReleaseAsync(item, limit.Token);
    }
}
