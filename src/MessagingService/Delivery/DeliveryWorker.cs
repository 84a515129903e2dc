using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>Brings messages into Zoho CRM as they come. Any number of replicas do so at once; a tenant's are one's at a time.</summary>
internal sealed partial class DeliveryWorker(
    [FromKeyedServices(MessagingDbContext.DeliveryQueue)] WorkQueue queue,
    DeliveryRound round,
    DeliveryLedger ledger,
    TimeProvider clock,
    ILogger<DeliveryWorker> logger) : BackgroundService
{
    private const int AtOnce = 16;

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(15);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = 1,
        Run = DeliverAsync,
        RetryAfter = _ => TryAgain,
    }.RunAsync(stoppingToken);

    private async Task DeliverAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        if (await round.RunAsync(item, either.Token) is { } failure)
        {
            // a ticket that ran out on its way is the service's own
            var needsPerson = failure.Kind is not FailureKind.Unauthenticated && !failure.CrmClass.MayBeRepeated;
            LogBlocked(needsPerson ? LogLevel.Warning : LogLevel.Information, item.Tenant.Value, failure.Code);
            await ledger.BlockAsync(item, failure, needsPerson, lost);
            return;
        }

        await ledger.FinishAsync(item, lost);
    }

    [LoggerMessage(Message = "Tenant {TenantId}: messages wait for Zoho CRM ({Code})")]
    private partial void LogBlocked(LogLevel level, Guid tenantId, string code);
}
