using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>Chains what was written, moments later. What a replica that dies has not chained, another one chains.</summary>
internal sealed class AuditChainer(
    AuditChain chain, [FromKeyedServices(QueuedChaining.Table)] WorkQueue queue, TimeProvider clock, ILogger<AuditChainer> logger)
    : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    // tenants do not wait for each other; those of one tenant would
    private const int AtOnce = 4;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        Run = async (item, stopping, _) =>
        {
            // the lock, and not the claim, keeps two from chaining at once: a claim that was lost does no harm
            await chain.ExtendAsync(item.Tenant, stopping);
            await queue.CompleteAsync(item, stopping);
        },
        RetryAfter = _ => RetryAfter,
    }.RunAsync(stoppingToken);
}
