using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.People;

/// <summary>Keeps the streams of all tenants that are followed, shared by the replicas.</summary>
internal sealed class PeopleWorker(
    [FromKeyedServices(MessagingDbContext.FollowQueue)] WorkQueue queue, PeopleFollower follower, TimeProvider clock, ILogger<PeopleWorker> logger)
    : BackgroundService
{
    // a stream that is quiet costs a place and nothing else
    private const int AtOnce = 400;
    private const int ModulesOfATenant = 2;

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = ModulesOfATenant,
        Run = RunAsync,
        RetryAfter = _ => TryAgain,
    }.RunAsync(stoppingToken);

    private async Task RunAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        await follower.RunAsync(item, either.Token);
    }
}
